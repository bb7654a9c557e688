import Foundation

/// The lines of a file, read in pieces of 1 MiB, without their ends. A last line needs no end.
struct LineReader: ~Copyable {
    static let longestLine = 64 << 20

    let path: String
    private let descriptor: Int32
    private var buffer: UnsafeMutableRawPointer
    private var capacity = 2 * Self.piece
    /// Of the bytes that were read and not yet returned.
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    private(set) var line = 0

    private static let piece = 1 << 20

    init(_ path: String) throws(StoreError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        buffer = .allocate(byteCount: 2 * Self.piece, alignment: 8)
        guard descriptor >= 0 else {
            throw .file(operation: "read", path: path, code: errno)
        }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// The next line, whose bytes stay until the one after it is asked for; `nil` after the last one. Fails
    /// on a line over 64 MiB or that is not UTF-8.
    mutating func next() throws(StoreError) -> UnsafeRawBufferPointer? {
        var searched = start
        while true {
            if searched < end, let found = memchr(buffer + searched, 10, end - searched) {
                let length = found - (buffer + start)
                defer { start += length + 1 }
                return try text(length)
            }
            guard !isAtEnd else {
                let length = end - start
                defer { start = end }
                return length == 0 ? nil : try text(length)
            }
            searched = end - start
            try fill()
        }
    }

    private mutating func text(_ length: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        line += 1
        let bytes = UnsafeRawBufferPointer(start: buffer + start, count: length)
        guard Self.isText(bytes) else {
            throw .record(file: path, line: line, problem: "not UTF-8")
        }
        return bytes
    }

    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            place += 8
        }
        while place < bytes.count, bytes[place] < 0x80 { place += 1 }
        if place == bytes.count { return true }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
        return String(validating: rest, as: UTF8.self) != nil
    }

    /// Reads more behind what is there, which moves to the front.
    private mutating func fill() throws(StoreError) {
        memmove(buffer, buffer + start, end - start)
        end -= start
        start = 0
        guard end <= Self.longestLine else {
            throw .record(file: path, line: line + 1, problem: "longer than 64 MiB")
        }
        if capacity - end < Self.piece {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: 2 * capacity, alignment: 8)
            larger.copyMemory(from: buffer, byteCount: end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let count = read(descriptor, buffer + end, Self.piece)
        guard count >= 0 || errno == EINTR else {
            throw .file(operation: "read", path: path, code: errno)
        }
        if count == 0 { isAtEnd = true }
        if count > 0 { end += count }
    }
}
