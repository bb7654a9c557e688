import Foundation
import JSONText

/// Turns lines into records, and what is wrong with a line into words.
struct RecordDecoder {
    let path: String
    private let decoder = JSONDecoder()

    init(path: String) { self.path = path }

    func decode<Record: Decodable>(
        _ type: Record.Type, from bytes: Data, line: Int
    ) throws(ReasoningError) -> Record {
        do {
            try bytes.withUnsafeBytes { try JSONCheck.check($0) }
            return try decoder.decode(type, from: bytes)
        } catch let mistake as JSONMistake {
            throw .line(path: path, line: line, problem: .notJSON(mistake))
        } catch {
            throw .line(path: path, line: line, problem: problem(error, of: type, in: bytes))
        }
    }

    /// Any JSON value. A whole number that 64 bits cannot hold is the text of its digits: none is lost.
    func value(from bytes: Data, line: Int) throws(ReasoningError) -> JSONValue {
        let numbers: [Range<Int>]
        do {
            numbers = try bytes.withUnsafeBytes { try JSONCheck.longIntegers(in: $0) }
        } catch let mistake as JSONMistake {
            throw .line(path: path, line: line, problem: .notJSON(mistake))
        } catch {
            throw .line(path: path, line: line, problem: .other("\(error)"))
        }
        guard !numbers.isEmpty else {
            return try decode(JSONValue.self, from: bytes, line: line)
        }
        var (quoted, end) = (Data(), bytes.startIndex)
        let quote = Data("\"".utf8)
        for number in numbers {
            let start = bytes.startIndex + number.lowerBound
            quoted += bytes[end..<start] + quote
            end = bytes.startIndex + number.upperBound
            quoted += bytes[start..<end] + quote
        }
        return try decode(JSONValue.self, from: quoted + bytes[end...], line: line)
    }

    private func problem<Record: Decodable>(
        _ error: any Error, of type: Record.Type, in bytes: Data
    ) -> RecordProblem {
        guard let error = error as? DecodingError else { return .other("\(error)") }
        switch error {
        case .keyNotFound(let key, let context):
            return .missing(field: Self.field(context.codingPath + [key]))
        case .typeMismatch(let type, let context):
            return Self.wrong(type, context)
        case .valueNotFound(let type, let context):
            return Self.wrong(type, context)
        case .dataCorrupted(let context):
            if let number = unfitNumber(for: type, in: bytes) { return number }
            return .wrongType(
                field: Self.field(context.codingPath), expected: "a value that is allowed here")
        @unknown default: return .other("\(error)")
        }
    }

    /// The first number that does not fit its field, such as 7.5 for a whole number: Foundation's decoder
    /// says no more than that there is one. With zeros in place of all numbers up to it, and only then,
    /// the record can be read.
    private func unfitNumber<Record: Decodable>(
        for type: Record.Type, in bytes: Data
    ) -> RecordProblem? {
        let numbers: [Range<Int>]
        do {
            numbers = try bytes.withUnsafeBytes { try JSONCheck.numbers(in: $0) }
        } catch { return nil }
        func isCorrupt(without count: Int) -> Bool {
            var bytes = [UInt8](bytes)
            for number in numbers.prefix(count) {
                for index in number { bytes[index] = 0x20 }
                bytes[number.lowerBound] = 0x30
            }
            do {
                _ = try decoder.decode(type, from: Data(bytes))
                return false
            } catch DecodingError.dataCorrupted { return true } catch { return false }
        }
        guard !isCorrupt(without: numbers.count) else { return nil }
        var (low, high) = (0, numbers.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if isCorrupt(without: middle) { low = middle } else { high = middle }
        }
        guard numbers.indices.contains(low) else { return nil }
        let number = numbers[low]
        let field = bytes.withUnsafeBytes { JSONCheck.field(at: number.lowerBound, in: $0) }
        let text = String(decoding: [UInt8](bytes)[number].prefix(60), as: UTF8.self)
        return .unfitNumber(field: field, number: text)
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
