import Foundation
import Glibc
import Spawn

/// Standard output and standard error, written whole and without a buffer.
enum StandardStream {
    /// Before anything else is opened. A standard stream that is closed would be the next file, such as the
    /// database, which what is printed would then destroy: in its place comes what cannot be written. A
    /// reader that went away ends no run; nor does a file at the largest size that the system allows.
    static func secure() {
        _ = InheritedSignals.ignored
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(number, F_GETFD) < 0 {
            // The lowest free number is taken: those below are open.
            _ = open("/dev/null", O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Results. Throws where they cannot be written, such as to a full disk. If the reader went away, as
    /// `head` does, the program ends as programs do that are told so.
    static func print(_ text: String) throws(CommandError) {
        try print(Array(text.utf8))
    }

    /// Results in bytes.
    static func print(_ bytes: [UInt8]) throws(CommandError) {
        guard write(bytes, to: STDOUT_FILENO) else {
            if errno == EPIPE {
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            }
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
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&state, 1, -1)
                continue
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
