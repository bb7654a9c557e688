import Foundation

/// Turns lines into records, and what is wrong with a line into words.
struct RecordDecoder {
    let path: String
    private let decoder = JSONDecoder()

    init(path: String) { self.path = path }

    func decode<Record: Decodable>(
        _ type: Record.Type, from bytes: Data, line: Int
    ) throws(ReasoningError) -> Record {
        do {
            return try decoder.decode(type, from: bytes)
        } catch {
            throw .line(path: path, line: line, problem: problem(error, in: bytes))
        }
    }

    private func problem(_ error: any Error, in bytes: Data) -> RecordProblem {
        guard let error = error as? DecodingError else { return .other("\(error)") }
        switch error {
        case .keyNotFound(let key, let context):
            return .missing(field: Self.field(context.codingPath + [key]))
        case .typeMismatch(let type, let context):
            return Self.wrong(type, context)
        case .valueNotFound(let type, let context):
            return Self.wrong(type, context)
        case .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else { return corruption(of: bytes) }
            return .wrongType(
                field: Self.field(context.codingPath), expected: "a value that is allowed here")
        @unknown default: return .other("\(error)")
        }
    }

    /// Foundation's decoder reports 7.5 for a whole number just as it reports broken JSON.
    private func corruption(of bytes: Data) -> RecordProblem {
        (try? decoder.decode(JSONValue.self, from: bytes)) == nil ? .notJSON : .unfitNumber
    }

    private static func wrong(_ type: any Any.Type, _ context: DecodingError.Context)
        -> RecordProblem
    {
        guard !context.codingPath.isEmpty else { return .notAnObject }
        return .wrongType(field: field(context.codingPath), expected: name(of: type))
    }

    private static func field(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
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
