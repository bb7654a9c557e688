import Foundation

/// Reads the lines of a file, or of data that arrives in pieces. The last line needs no terminator.
package struct LineReader<Failure: LineFailure>: ~Copyable {
    /// The file, for messages.
    package let path: String

    /// The number of the last line read, from 1.
    package private(set) var line = 0

    private let buffer: LineBuffer

    /// The maximum length of a line in bytes.
    private let limit: Int
    private let keepsEnds: Bool

    /// Adds more bytes to a buffer; returns `false` if there are none.
    private let more: (LineBuffer) throws(Failure) -> Bool
    private var isAtEnd = false

    /// Reads a file in pieces of 1 MiB.
    package init(
        _ path: String, limit: Int = LineLimit.bytes, keepingEnds: Bool = false
    ) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(unreadable: path, code: errno) }
        let file = Descriptor(descriptor)
        self.init(path, limit: limit, keepingEnds: keepingEnds, capacity: 2 << 20) {
            (buffer) throws(Failure) in
            while true {
                let count = buffer.fill(1 << 20) {
                    read(file.number, $0.baseAddress, min($0.count, 1 << 20))
                }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Failure(unreadable: path, code: errno) }
                return count > 0
            }
        }
    }

    /// Reads the data that `piece` returns, until it returns `nil`.
    package init(
        _ path: String, limit: Int = LineLimit.bytes, piece: @escaping () throws(Failure) -> Data?
    ) {
        self.init(path, limit: limit, keepingEnds: false, capacity: 1 << 16) {
            (buffer) throws(Failure) in
            guard let piece = try piece() else { return false }
            piece.withUnsafeBytes { buffer.append($0) }
            return true
        }
    }

    private init(
        _ path: String, limit: Int, keepingEnds: Bool, capacity: Int,
        more: @escaping (LineBuffer) throws(Failure) -> Bool
    ) {
        self.path = path
        self.limit = limit
        keepsEnds = keepingEnds
        buffer = LineBuffer(capacity: capacity)
        self.more = more
    }

    /// The next line; `nil` after the last one. Its bytes are valid until the following line is requested. Throws for a
    /// line that is too long or not UTF-8.
    package mutating func next() throws(Failure) -> UnsafeRawBufferPointer? {
        while true {
            if let line = buffer.next() { return try checked(line, hasEnd: true) }
            guard buffer.count <= limit else { throw failure(.tooLong(limit: limit)) }
            guard !isAtEnd else {
                return buffer.count == 0 ? nil : try checked(buffer.rest(), hasEnd: false)
            }
            isAtEnd = try !more(buffer)
        }
    }

    /// The next line that does not consist of white space.
    package mutating func nextFilled() throws(Failure) -> UnsafeRawBufferPointer? {
        while let line = try next() {
            if !line.allSatisfy({ $0 == 32 || (9...13).contains($0) }) { return line }
        }
        return nil
    }

    private mutating func checked(
        _ bytes: UnsafeRawBufferPointer, hasEnd: Bool
    ) throws(Failure) -> UnsafeRawBufferPointer {
        guard bytes.count <= limit else { throw failure(.tooLong(limit: limit)) }
        guard bytes.isUTF8 else { throw failure(.notUTF8) }
        line += 1
        guard keepsEnds, hasEnd else { return bytes }
        return UnsafeRawBufferPointer(start: bytes.baseAddress, count: bytes.count + 1)
    }

    /// An error for the next line.
    private func failure(_ problem: LineProblem) -> Failure {
        Failure(problem, line: line + 1, of: path)
    }
}

/// The default maximum length of a line.
package enum LineLimit {
    package static let bytes = 64 << 20
}

/// The reason why a line cannot be read.
package enum LineProblem: Hashable, Sendable {
    case notUTF8
    case tooLong(limit: Int)
}

/// An error of a line reader.
package protocol LineFailure: Error {
    /// The file cannot be read; `code` is the error code of the system.
    init(unreadable path: String, code: Int32)

    init(_ problem: LineProblem, line: Int, of path: String)
}

extension UnsafeRawBufferPointer {
    fileprivate var isUTF8: Bool {
        var place = 0
        while place + 8 <= count,
            loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            place += 8
        }
        while place < count, self[place] < 0x80 { place += 1 }
        if place == count { return true }
        return String(validating: self[place...], as: UTF8.self) != nil
    }
}
