import Foundation

/// Parsed lines that are inserted in the order of their questions: indexes start with the question, so inserting rows
/// next to each other is fast.
struct RecordBatch: ~Copyable {
    /// The maximum size of the collected texts, in bytes.
    private static let limit = 8 << 20

    /// Like `SQLValue.Borrowed`, but `texts` moves while it grows: a text is given by its offset and length in `texts`.
    /// A string per text would be an allocation for each of millions of lines.
    private enum Value {
        case null
        case integer(Int64)
        case real(Double)
        case text(start: Int, count: Int)
    }

    private let width: Int
    /// The index of the question among the values; nil if lines have none.
    private let question: Int?
    private var values: [Value] = []
    private var texts: [UInt8] = []
    private var lines: [Int] = []
    private var row: [SQLValue.Borrowed] = []

    init(_ keys: [String]) {
        width = keys.count
        question = keys.firstIndex(of: "question")
    }

    var isFull: Bool { texts.count + 32 * values.count > Self.limit }

    /// Copies the values of line `number`.
    mutating func append(_ line: borrowing RecordParser, number: Int) {
        lines.append(number)
        for value in line.values {
            switch value {
            case .null: values.append(.null)
            case .integer(let integer): values.append(.integer(integer))
            case .real(let real): values.append(.real(real))
            case .text(let bytes):
                values.append(.text(start: texts.count, count: bytes.count))
                texts.append(contentsOf: bytes)
            case .blob: preconditionFailure("JSON has no bytes")
            }
        }
    }

    /// Passes the lines to `insert`, those of one question in the order of the file, and empties the batch.
    mutating func empty(_ insert: ([SQLValue.Borrowed], _ line: Int) throws -> Void) rethrows {
        let order = order()
        try texts.withUnsafeBytes { texts in
            for place in order {
                row.removeAll(keepingCapacity: true)
                for value in values[place * width..<(place + 1) * width] {
                    switch value {
                    case .null: row.append(.null)
                    case .integer(let integer): row.append(.integer(integer))
                    case .real(let real): row.append(.real(real))
                    case .text(let start, let count):
                        row.append(
                            .text(UnsafeRawBufferPointer(rebasing: texts[start..<start + count])))
                    }
                }
                try insert(row, lines[place])
            }
        }
        values.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
    }

    private func order() -> [Int] {
        guard let question else { return Array(lines.indices) }
        return texts.withUnsafeBytes { texts in
            func text(_ place: Int) -> UnsafeRawBufferPointer {
                guard case .text(let start, let count) = values[place * width + question] else {
                    return UnsafeRawBufferPointer(start: nil, count: 0)
                }
                return UnsafeRawBufferPointer(rebasing: texts[start..<start + count])
            }
            // The first eight bytes distinguish most questions.
            let heads = lines.indices.map { place in
                let bytes = text(place)
                return (0..<8).reduce(UInt64(0)) { head, offset in
                    head << 8 | (offset < bytes.count ? UInt64(bytes[offset]) : 0)
                }
            }
            return lines.indices.sorted { left, right in
                if heads[left] != heads[right] { return heads[left] < heads[right] }
                return text(left).lexicographicallyPrecedes(text(right))
            }
        }
    }
}
