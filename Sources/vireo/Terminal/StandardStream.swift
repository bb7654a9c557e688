import Foundation
import Glibc

/// Standard output and standard error, written whole and without a buffer.
enum StandardStream {
    /// Results. Throws where they cannot be written, such as to a full disk.
    static func print(_ text: String) throws(CommandError) {
        try print(Array(text.utf8))
    }

    /// Results in bytes.
    static func print(_ bytes: [UInt8]) throws(CommandError) {
        guard write(bytes, to: STDOUT_FILENO) else {
            throw .output(reason: String(cString: strerror(errno)))
        }
    }

    /// Bytes as they are.
    static func print(_ bytes: Data) throws(CommandError) {
        try print(Array(bytes))
    }

    /// Progress and errors; there is nowhere left to say that they cannot be written.
    static func complain(_ text: String) {
        _ = write(Array(text.utf8), to: STDERR_FILENO)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
