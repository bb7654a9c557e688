import Files
import Foundation
import Glibc

/// What a job printed itself, outside of its stage: usually why the program did not start.
struct TaskOutput: Hashable, Sendable, CustomStringConvertible {
    private let path: String
    private var lastLine: String?

    /// Why the output could not be read.
    private var reason: String?

    /// Whether the system has not created the file.
    private var isMissing = false

    /// The number of bytes at the end that are read.
    private static let piece = 4096

    /// Reads the end of the file.
    init(_ path: String) {
        self.path = path
        do throws(POSIXError) {
            lastLine = String(decoding: try Self.end(of: path), as: UTF8.self).split(
                separator: "\n"
            )
            .last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.prefix(300)) }
        } catch {
            if error.code == .ENOENT { isMissing = true } else { reason = error.reason }
        }
    }

    /// The last bytes of a file.
    private static func end(of path: String) throws(POSIXError) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard number >= 0 else { throw .last }
        let file = Descriptor(number)
        let size = lseek(file.number, 0, SEEK_END)
        guard size >= 0 else { throw .last }
        var bytes = [UInt8](repeating: 0, count: piece)
        let count = pread(file.number, &bytes, piece, max(0, size - off_t(piece)))
        guard count >= 0 else { throw .last }
        return Array(bytes.prefix(count))
    }

    /// What it tells about a task that never had a result.
    var explanation: String {
        isMissing
            ? "; it has no output in \(path): the node may not see this directory" : description
    }

    var description: String {
        if let reason { return "; its output in \(path) cannot be read: \(reason)" }
        return lastLine.map { "; the last line of its output: \($0) (\(path))" } ?? ""
    }
}
