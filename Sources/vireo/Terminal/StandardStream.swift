import Foundation
import Glibc
import Processes

/// Unbuffered standard output and standard error.
package enum StandardStream {
    /// Must run before anything else is opened. If a standard stream is closed, the next opened file, such as the
    /// database, would get its descriptor, and printed text would overwrite that file; so closed streams are replaced
    /// by a descriptor that cannot be written. SIGPIPE and SIGXFSZ are ignored, so that a closed pipe or a file size
    /// limit is an ordinary error.
    static func secure() {
        _ = InheritedSignals.ignored
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(number, F_GETFD) < 0 {
            // `open` returns the lowest free descriptor, which is `number`.
            _ = open("/dev/null", O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Raises the limit of open files to the minimum that the Swift runtime needs; with fewer the runtime crashes
    /// without a message. Exits with an error if the limit cannot be raised.
    static func secureFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < leastFiles
        else {
            return
        }
        let allowed = limit.rlim_cur
        limit.rlim_cur = min(leastFiles, limit.rlim_max)
        guard limit.rlim_cur == leastFiles,
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else {
            complain(
                "vireo: error: only \(allowed) files may be open at the same time, which is too "
                    + "few: raise the limit to "
                    + "\(leastFiles) with `ulimit -n \(leastFiles)`\n")
            exit(1)
        }
    }

    private static let leastFiles: rlim_t = 64

    /// Prints a result. Throws if it cannot be written, for example because the disk is full. If the reader closed the
    /// pipe, as `head` does, the program ends with SIGPIPE.
    static func print(_ text: String) throws(CommandError) {
        try print(Array(text.utf8))
    }

    /// Prints bytes as a result.
    static func print(_ bytes: [UInt8]) throws(CommandError) {
        guard write(isTerminal(STDOUT_FILENO) ? shown(bytes) : bytes, to: STDOUT_FILENO) else {
            if errno == EPIPE {
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            }
            throw .output(reason: String(cString: strerror(errno)))
        }
    }

    static func print(_ bytes: Data) throws(CommandError) {
        try print([UInt8](bytes))
    }

    /// Prints progress or an error. Failures are ignored, because there is no other place to report them.
    static func complain(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(isTerminal(STDERR_FILENO) ? shown(bytes) : bytes, to: STDERR_FILENO)
    }

    /// Prints text with escape sequences of this program. Foreign text in it must be escaped already.
    static func draw(_ text: String) {
        _ = write(Array(text.utf8), to: STDERR_FILENO)
    }

    /// The bytes for a terminal. Characters that could control the terminal or change the order of text are escaped,
    /// except for newlines and tabs. Output to files and pipes is not changed.
    package static func shown(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: { ($0 < 0x20 && $0 != 0x0A && $0 != 0x09) || $0 > 0x7E })
        else { return bytes }
        return Array(String(decoding: bytes, as: UTF8.self).withoutControls.utf8)
    }

    private static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

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
