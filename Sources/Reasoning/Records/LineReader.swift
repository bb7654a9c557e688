import Foundation

/// The lines of a text that is read in pieces. Empty lines are counted but skipped.
struct LineReader {
    /// The file, for messages.
    private let path: String

    /// The next bytes; `nil` at the end.
    private let piece: () throws(ReasoningError) -> Data?
    private var buffer = Data()
    private var start = 0
    private var number = 0
    private var isAtEnd = false

    init(_ path: String) throws(ReasoningError) {
        let file = try Self.open(path)
        self.init(path) { () throws(ReasoningError) -> Data? in
            do {
                let piece = try file.read(upToCount: 1 << 20)
                return piece?.isEmpty == true ? nil : piece
            } catch {
                throw .unreadable(path: path, cause: error.localizedDescription)
            }
        }
    }

    /// Reads lines from the pieces that `piece` returns until it returns `nil`.
    init(_ path: String, piece: @escaping () throws(ReasoningError) -> Data?) {
        self.path = path
        self.piece = piece
    }

    /// Opens a file for reading, or throws why it cannot be read.
    static func open(_ path: String) throws(ReasoningError) -> FileHandle {
        var isDirectory = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw .unreadable(path: path, cause: "there is no such file")
        }
        guard !isDirectory.boolValue else {
            throw .unreadable(path: path, cause: "it is a directory")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, cause: String(cString: strerror(errno)))
        }
        return file
    }

    /// The next line that is not blank, and its number from 1; `nil` at the end.
    mutating func next() throws(ReasoningError) -> (bytes: Data, number: Int)? {
        skipEmpty()
        while let line = try line() {
            number += 1
            guard line.contains(where: { $0 != 32 && !(9...13).contains($0) }) else {
                skipEmpty()
                continue
            }
            guard String(validating: line, as: UTF8.self) != nil else {
                throw .line(path: path, line: number, problem: .notUTF8)
            }
            return (line, number)
        }
        return nil
    }

    /// Skips consecutive line ends quickly, because there may be millions.
    private mutating func skipEmpty() {
        let count = buffer.withUnsafeBytes { $0.dropFirst(start).prefix { $0 == 10 }.count }
        start += count
        number += count
    }

    private mutating func line() throws(ReasoningError) -> Data? {
        var searched = start
        while true {
            if let end = lineEnd(from: searched) {
                defer { start = end + 1 }
                try check(end - start)
                return Data(buffer[start..<end])
            }
            try check(buffer.count - start)
            guard !isAtEnd else {
                defer { start = buffer.count }
                return start < buffer.count ? Data(buffer[start...]) : nil
            }
            if start > 0 {
                buffer = Data(buffer[start...])
                start = 0
            }
            searched = buffer.count
            try fill()
        }
    }

    /// The offset of the next line end. `memchr` is many times faster than iterating over `Data`.
    private func lineEnd(from offset: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, offset < bytes.count else { return nil }
            return memchr(base + offset, 10, bytes.count - offset).map { base.distance(to: $0) }
        }
    }

    private func check(_ length: Int) throws(ReasoningError) {
        guard length <= JSONLines.lineLimit else {
            throw .line(
                path: path, line: number + 1, problem: .tooLong(limit: JSONLines.lineLimit))
        }
    }

    private mutating func fill() throws(ReasoningError) {
        guard let piece = try piece() else {
            isAtEnd = true
            return
        }
        buffer.append(piece)
    }
}
