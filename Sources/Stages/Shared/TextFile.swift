import Foundation

/// A text file that is read line by line.
struct TextFile {
    let path: String

    private static let pieceSize = 1 << 20

    /// The maximum length of a line, in bytes.
    private static let lineLimit = 64 << 20

    /// Calls `body` with each line, including its end. Throws if the file cannot be read, is not UTF-8 or has a
    /// line over 64 MiB, naming the line.
    func forEachLine(_ body: (String) throws -> Void) throws {
        let file: FileHandle
        do {
            file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw StageError.unreadable(path, reason: String(cString: strerror(errno)))
        }
        defer { try? file.close() }
        var rest = Data()
        var number = 0
        func give(_ line: Data) throws {
            number += 1
            guard let text = String(validating: line, as: UTF8.self) else {
                throw StageError.unreadable(path, reason: "its line \(number) is not UTF-8")
            }
            try body(text)
        }
        while let piece = try read(file), !piece.isEmpty {
            var start = piece.startIndex
            while let end = piece[start...].firstIndex(of: 0x0A) {
                try give(rest + piece[start...end])
                rest.removeAll()
                start = end + 1
            }
            rest.append(piece[start...])
            guard rest.count <= Self.lineLimit else {
                throw StageError.unreadable(
                    path,
                    reason: "its line \(number + 1) is longer than \(Self.lineLimit >> 20) MiB")
            }
        }
        if !rest.isEmpty { try give(rest) }
    }

    private func read(_ file: FileHandle) throws -> Data? {
        do {
            return try file.read(upToCount: Self.pieceSize)
        } catch {
            throw StageError.unreadable(path, reason: String(cString: strerror(errno)))
        }
    }
}
