import Files
import Foundation
import JSON

/// The format of a file of records.
package enum RecordFormat: Hashable, Sendable {
    /// One JSON object per line.
    case lines

    /// One JSON value: a list of objects, an object with a list at this path, or, if the path is empty, also a
    /// single object.
    case document(list: String)

    /// Values separated by commas, or by tabs or semicolons if the first line is, below a line with the names
    /// of the columns.
    case table

    /// The maximum size of a document, which must fit into memory, in bytes.
    static let documentLimit = 64 << 20

    /// Calls `body` with every record and its number: the line, or in documents the index of the record, both
    /// from 1. Rethrows errors of `body`.
    func forEachRecord(
        in member: PublishedFile.Member, _ body: (JSONValue, Int) throws -> Void
    ) throws {
        switch self {
        case .lines:
            var lines = LineReader<ReasoningError>(member.label, piece: Self.checked(member))
            let decoder = RecordDecoder(path: member.label)
            while let line = try lines.nextFilled() {
                let record = try decoder.value(from: Data(line), line: lines.line)
                try body(record, lines.line)
            }
        case .document(let list):
            let records = try Self.records(of: Self.document(member), under: list, member.label)
            for (index, record) in records.enumerated() { try body(record, index + 1) }
        case .table: try Self.forEachRow(of: member, body)
        }
    }

    /// The position of record `number` in a file or member, to append to its label.
    func place(_ number: Int) -> String {
        if case .document = self { ", record \(number)" } else { ":\(number)" }
    }

    /// The pieces of `member` without a byte order mark. Throws if it is a Parquet file.
    private static func checked(
        _ member: PublishedFile.Member
    ) -> () throws(ReasoningError) -> Data? {
        var isFirst = true
        return { () throws(ReasoningError) -> Data? in
            let piece = try member.next()
            if isFirst, piece?.starts(with: "PAR1".utf8) == true {
                throw .parquet(path: member.label)
            }
            defer { isFirst = false }
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            guard isFirst, let piece, piece.starts(with: mark) else { return piece }
            // Do not return an empty piece, which would mean the end.
            return piece.count > mark.count ? piece.dropFirst(mark.count) : try member.next()
        }
    }

    private static func forEachRow(
        of member: PublishedFile.Member, _ body: (JSONValue, Int) throws -> Void
    ) throws {
        var reader = CSVReader(member.label, piece: checked(member))
        guard let (names, first) = try reader.next() else { return }
        let repeated = Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys.min()
        if let repeated {
            throw ReasoningError.line(
                path: member.label, line: first, problem: .repeatedColumn(repeated))
        }
        while let (cells, line) = try reader.next() {
            guard cells.count == names.count else {
                throw ReasoningError.line(
                    path: member.label, line: line,
                    problem: .cellCount(cells.count, expected: names.count))
            }
            let fields = Dictionary(
                zip(names, cells.map { $0.isEmpty ? .null : JSONValue.string($0) })
            ) { first, _ in first }
            try body(.object(fields), line)
        }
    }

    private static func document(
        _ member: PublishedFile.Member
    ) throws(ReasoningError) -> JSONValue {
        let next = checked(member)
        var bytes = Data()
        while let piece = try next() {
            bytes.append(piece)
            guard bytes.count <= documentLimit else {
                throw .unreadable(
                    path: member.label,
                    cause:
                        "it is larger than \(documentLimit >> 20) MiB: write its records as JSON lines"
                )
            }
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .unreadable(path: member.label, cause: "it is not UTF-8 text")
        }
        do {
            return try RecordDecoder(path: member.label).value(from: bytes, line: 1)
        } catch .line(let path, _, .notJSON(let mistake)) {
            if case .tooManyValues(let limit) = mistake.problem {
                throw .unreadable(
                    path: path,
                    cause: "it holds more than \(limit) values: write its records as JSON lines")
            }
            throw .line(path: path, line: mistake.line, problem: .notJSON(mistake))
        }
    }

    private static func records(
        of document: JSONValue, under path: String, _ label: String
    ) throws(ReasoningError) -> [JSONValue] {
        if path.isEmpty {
            if case .array(let records) = document { return records }
            return [document]
        }
        guard case .array(let records)? = document.value(at: path) else {
            throw .unreadable(path: label, cause: "it has no list under '\(path)'")
        }
        return records
    }
}
