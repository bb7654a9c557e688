import Foundation
import TestSupport
import Testing

/// A pipe with a name, which tells of the processes that have it open.
struct NamedPipe {
    let path: String

    init(in directory: TemporaryDirectory) throws {
        path = directory.path + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
    }

    /// Returns once no process has it open for writing.
    func waitForWriters() {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(file) }
        var byte: UInt8 = 0
        // Without writers a pipe is at its end.
        while read(file, &byte, 1) != 0 {
            var state = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            poll(&state, 1, -1)
        }
    }

    /// Lets a process that waits to read from it go on to its end.
    func release() { close(open(path, O_WRONLY | O_CLOEXEC)) }
}
