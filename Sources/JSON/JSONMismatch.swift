/// That a JSON value does not fit the record that is made of it.
package enum JSONMismatch: Error, Hashable {
    /// The value itself is of the wrong kind.
    case top
    case missing(field: String)
    /// `expected` is a noun with its article.
    case wrongType(field: String, expected: String)
    /// Such as 7.5 for an integer.
    case unfitNumber(field: String, number: String)

    static func wrong(_ type: any Any.Type, _ path: [JSONPathKey]) -> JSONMismatch {
        guard !path.isEmpty else { return .top }
        return .wrongType(field: JSONPathKey.text(path), expected: name(of: type))
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [String: Any].Type: "an object"
        case is [Any].Type: "a list"
        default: "of the right type"
        }
    }
}
