import Foundation

/// Lines of bytes.
package enum LineSplitter {
    /// Calls `body` with each line of `bytes`, without its end; returns the number of bytes before the line
    /// that has no end yet.
    package static func lines(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var start = 0
        while start < bytes.count, let end = memchr(base + start, 10, bytes.count - start) {
            let count = UnsafeRawPointer(end) - (base + start)
            body(UnsafeRawBufferPointer(start: base + start, count: count))
            start += count + 1
        }
        return start
    }
}
