import Foundation
import JSON

/// Decodes lines as records and describes errors.
struct RecordDecoder {
    let path: String
    private var decoder = JSONRecordDecoder()

    init(path: String) { self.path = path }

    mutating func decode<Record: Decodable>(
        _ type: Record.Type, from bytes: Data, line: Int
    ) throws(ReasoningError) -> Record {
        do {
            return try bytes.withUnsafeBytes { try decoder.decode(type, from: $0) }
        } catch {
            throw .line(path: path, line: line, problem: Self.problem(error))
        }
    }

    /// Any JSON value. A whole number that does not fit into 64 bits becomes the text of its digits, so that
    /// none is lost.
    func value(from bytes: Data, line: Int) throws(ReasoningError) -> JSONValue {
        do {
            return try bytes.withUnsafeBytes { try JSONValue($0, [.wholeNumbers, .digits]) }
        } catch {
            throw .line(path: path, line: line, problem: Self.problem(error))
        }
    }

    private static func problem(_ error: any Error) -> RecordProblem {
        switch error {
        case let mistake as JSONMistake: return .notJSON(mistake)
        case JSONMismatch.top: return .notAnObject
        case JSONMismatch.missing(let field): return .missing(field: field)
        case JSONMismatch.wrongType(let field, let expected):
            return .wrongType(field: field, expected: expected)
        case JSONMismatch.unfitNumber(let field, let number):
            return .unfitNumber(field: field, number: number)
        case DecodingError.dataCorrupted(let context):
            return .wrongType(
                field: JSONPathKey.text(context.codingPath),
                expected: "a value that is allowed here")
        default: return .other("\(error)")
        }
    }
}
