/// A JSON value does not match the type that is decoded from it.
package enum JSONMismatch: Error, Hashable {
    /// The value itself has the wrong type.
    case top
    case missing(field: String)
    /// `expected` is a noun with its article.
    case wrongType(field: String, expected: String)
    /// For example 7.5 for an integer.
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
