import Foundation
import Glibc
import Processes

/// Standard output and standard error, written whole and without a buffer.
package enum StandardStream {
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

    /// Makes sure of as many open files as the runtime of the language needs, which ends the program without a
    /// word where it gets none. Ends it with one where the system does not allow them.
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
                "vireo: error: only \(allowed) files may be open at a time, which is too few: allow "
                    + "\(leastFiles) with `ulimit -n \(leastFiles)`\n")
            exit(1)
        }
    }

    private static let leastFiles: rlim_t = 64

    /// Results. Throws where they cannot be written, such as to a full disk. If the reader went away, as
    /// `head` does, the program ends as programs do that are told so.
    static func print(_ text: String) throws(CommandError) {
        try print(Array(text.utf8))
    }

    /// Results in bytes.
    static func print(_ bytes: [UInt8]) throws(CommandError) {
        guard write(isTerminal(STDOUT_FILENO) ? shown(bytes) : bytes, to: STDOUT_FILENO) else {
            if errno == EPIPE {
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            }
            throw .output(reason: String(cString: strerror(errno)))
        }
    }

    /// Bytes as they are.
    static func print(_ bytes: Data) throws(CommandError) {
        try print([UInt8](bytes))
    }

    /// Progress and errors; there is nowhere left to say that they cannot be written.
    static func complain(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(isTerminal(STDERR_FILENO) ? shown(bytes) : bytes, to: STDERR_FILENO)
    }

    /// Text with colours and movements of our own, in which nothing foreign is left that could steer.
    static func draw(_ text: String) {
        _ = write(Array(text.utf8), to: STDERR_FILENO)
    }

    /// What a terminal shows of bytes: all that could steer it, or change the order of the text, is spelled out,
    /// but for ends of lines and tabs. To files and other programs bytes go as they are.
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
