import Foundation

/// Reads rows of comma-separated values (RFC 4180) in pieces. Quoted cells may contain commas, line ends and
/// doubled quotes. Lines may end with CRLF. A byte order mark and empty lines are skipped. If the first line
/// has no comma outside quotes but tabs, or else semicolons, these separate the cells.
struct CSVReader {
    /// The maximum number of cells in a row.
    static let cellLimit = 4096

    private static let separators = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    private static let quote = UInt8(ascii: "\"")
    private static let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// How far to search for the end of the first line, in bytes.
    private static let longestHeader = 1 << 20

    /// The path of the file, for messages.
    private let path: String

    /// The next bytes; `nil` at the end.
    private let more: () throws(ReasoningError) -> Data?
    private var piece: [UInt8] = []
    private var position = 0
    private var isAtStart = true
    private var separator = separators[0]

    /// The line of the next byte, and the line in which the row began.
    private var (line, start) = (1, 1)

    /// The size of the row in earlier pieces, in bytes.
    private var size = 0

    /// The cell that is being read.
    private var cell: [UInt8] = []

    /// Why a cell ended.
    private enum End { case cell, row, file }

    init(_ path: String, piece: @escaping () throws(ReasoningError) -> Data?) {
        self.path = path
        more = piece
    }

    /// The next row, and the line in which it begins; `nil` at the end.
    mutating func next() throws(ReasoningError) -> (cells: [String], line: Int)? {
        if isAtStart { try begin() }
        (start, size) = (line, -position)
        var cells: [String] = []
        while true {
            let end = try readCell()
            if end == .file, cells.isEmpty, cell.isEmpty { return nil }
            guard let text = String(validating: cell, as: UTF8.self) else {
                throw problem(.notUTF8, at: start)
            }
            guard cells.count < Self.cellLimit else {
                throw problem(.tooManyCells(limit: Self.cellLimit), at: start)
            }
            cells.append(text)
            switch end {
            case .cell: continue
            case .row where cells == [""]:
                (start, size) = (line, -position)
                cells = []
            case .row, .file: return (cells, start)
            }
        }
    }

    private mutating func readCell() throws(ReasoningError) -> End {
        cell.removeAll(keepingCapacity: true)
        guard var byte = try byte() else { return .file }
        if byte == Self.quote { return try readQuoted() }
        while true {
            switch byte {
            case separator: return .cell
            case Self.newline:
                if cell.last == Self.carriageReturn { cell.removeLast() }
                return .row
            case Self.quote: throw problem(.quoteInCell, at: line)
            default: cell.append(byte)
            }
            guard let next = try self.byte() else {
                if cell.last == Self.carriageReturn { cell.removeLast() }
                return .file
            }
            byte = next
        }
    }

    /// The rest of a cell after its opening quote.
    private mutating func readQuoted() throws(ReasoningError) -> End {
        let opening = line
        while true {
            guard let byte = try byte() else { throw problem(.openQuote, at: opening) }
            guard byte == Self.quote else {
                cell.append(byte)
                continue
            }
            var next = try self.byte()
            if next == Self.quote {
                cell.append(Self.quote)
                continue
            }
            if next == Self.carriageReturn { next = try self.byte() ?? Self.newline }
            switch next {
            case nil: return .file
            case separator: return .cell
            case Self.newline: return .row
            default: throw problem(.textAfterQuote, at: line)
            }
        }
    }

    private mutating func byte() throws(ReasoningError) -> UInt8? {
        while position == piece.count {
            size += position
            guard size <= JSONLines.lineLimit else {
                throw problem(.tooLong(limit: JSONLines.lineLimit), at: start)
            }
            guard let next = try more() else {
                (piece, position, size) = ([], 0, 0)
                return nil
            }
            (piece, position) = ([UInt8](next), 0)
        }
        defer { position += 1 }
        if piece[position] == Self.newline { line += 1 }
        return piece[position]
    }

    /// Skips a byte order mark and detects the separator from the first line.
    private mutating func begin() throws(ReasoningError) {
        isAtStart = false
        while !piece.contains(Self.newline), piece.count < Self.longestHeader,
            let next = try more()
        { piece += next }
        if piece.starts(with: Self.byteOrderMark) { position = Self.byteOrderMark.count }
        let lineEnds = [Self.newline, Self.carriageReturn]
        var (found, isQuoted): (Set<UInt8>, Bool) = ([], false)
        for byte in piece[position...].drop(while: lineEnds.contains) {
            if byte == Self.quote { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == Self.newline { break }
            if Self.separators.contains(byte) { found.insert(byte) }
        }
        separator = Self.separators.first(where: found.contains) ?? separator
    }

    private func problem(_ problem: RecordProblem, at line: Int) -> ReasoningError {
        .line(path: path, line: line, problem: problem)
    }
}
