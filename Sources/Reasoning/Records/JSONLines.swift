import Files
import Foundation
import JSON

/// Files of records with one JSON object per line.
package enum JSONLines {
    /// The maximum length of a line, in bytes.
    package static let lineLimit = LineLimit.bytes

    /// All records of a file.
    package static func read<Record: Decodable>(
        _ type: Record.Type, from path: String
    ) throws(ReasoningError) -> [Record] {
        var records: [Record] = []
        var lines = try LineReader<ReasoningError>(path)
        var decoder = RecordDecoder(path: path)
        while let line = try lines.nextFilled() {
            records.append(try decoder.decode(type, from: Data(line), line: lines.line))
        }
        return records
    }

    /// Calls `body` with one record and its line at a time, so that a file may be larger than memory. Rethrows
    /// errors of `body`.
    package static func forEach<Record: Decodable>(
        _ type: Record.Type, in path: String, _ body: (Record, _ line: Int) throws -> Void
    ) throws {
        var lines = try LineReader<ReasoningError>(path)
        var decoder = RecordDecoder(path: path)
        while let line = try lines.nextFilled() {
            try body(try decoder.decode(type, from: Data(line), line: lines.line), lines.line)
        }
    }

    /// Writes `records` to a file atomically. The bytes depend on the records alone: fields are in declared
    /// order, `nil` and non-finite numbers are `null`, and other numbers have their shortest form that parses
    /// to the same value.
    package static func write<Record: Encodable>(
        _ records: some Sequence<Record>, to path: String
    ) throws(ReasoningError) {
        var writer = try JSONLinesWriter(path)
        for record in records { try writer.append(record) }
        try writer.finish()
    }

    /// The line of one record, without a line end.
    package static func text(of record: some Encodable) -> String {
        String(decoding: bytes(of: record), as: UTF8.self)
    }

    static func bytes(of record: some Encodable) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONRecordEncoder.encode(record, to: &bytes)
        return bytes
    }
}
