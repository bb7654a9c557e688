import Glibc
import Requests
import Synchronization

/// Standard output, which all connections write to.
enum Output {
    private static let lock = Mutex(())

    static func write(_ line: OutputLine) {
        do {
            write(try line.bytes())
        } catch {
            // Lines consist of strings and integers.
            exit(1)
        }
    }

    static func write(_ bytes: [UInt8], to file: Int32 = STDOUT_FILENO) {
        lock.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes {
                    Glibc.write(file, $0.baseAddress, $0.count)
                }
                if written < 0, errno == EINTR { continue }
                // The reader has gone, or the disk is full: nobody waits for requests.
                guard written > 0 else { exit(1) }
                rest = rest.dropFirst(written)
            }
        }
    }
}
