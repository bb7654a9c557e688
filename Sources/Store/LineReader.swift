import Foundation

/// The lines of a file, read in pieces of 1 MiB, without their ends. A last line needs no end.
struct LineReader: ~Copyable {
    static let longestLine = 64 << 20

    let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private(set) var line = 0

    init(_ path: String) throws(StoreError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(operation: "read", path: path, code: errno) }
    }

    deinit { close(descriptor) }

    /// The next line, `nil` after the last one. Fails on a line over 64 MiB or that is not UTF-8.
    mutating func next() throws(StoreError) -> String? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 10) {
                defer { start = end + 1 }
                return try text(buffer[start..<end])
            }
            searched = buffer.count
            guard !isAtEnd else {
                defer { start = buffer.count }
                return start == buffer.count ? nil : try text(buffer[start...])
            }
            searched -= start
            try fill()
        }
    }

    private mutating func text(_ bytes: ArraySlice<UInt8>) throws(StoreError) -> String {
        line += 1
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .record(file: path, line: line, problem: "not UTF-8")
        }
        return text
    }

    private mutating func fill() throws(StoreError) {
        buffer.removeFirst(start)
        start = 0
        guard buffer.count <= Self.longestLine else {
            throw .record(file: path, line: line + 1, problem: "longer than 64 MiB")
        }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &piece, piece.count)
        guard count >= 0 || errno == EINTR else {
            throw .file(operation: "read", path: path, code: errno)
        }
        if count == 0 { isAtEnd = true }
        if count > 0 { buffer.append(contentsOf: piece[..<count]) }
    }
}
