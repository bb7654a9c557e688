import Glibc

/// Splits bytes that arrive in pieces into lines. Lines are returned without copying, and are valid until more bytes
/// are added. For one thread.
package final class LineBuffer {
    private var bytes: UnsafeMutableRawPointer
    private var capacity: Int
    /// The range of the bytes that were not returned yet.
    private var start = 0
    private var end = 0
    /// The offset before which there is no end of a line.
    private var searched = 0

    package init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        bytes = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { bytes.deallocate() }

    /// The number of bytes that were not returned yet.
    package var count: Int { end - start }

    /// Calls `read` to append about `room` bytes. Returns the result of `read`: the number of bytes, or, as for the
    /// system call, a value that is not positive.
    @discardableResult
    package func fill<Failure: Error>(
        _ room: Int, _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        makeRoom(room)
        let added = try read(
            UnsafeMutableRawBufferPointer(start: bytes + end, count: capacity - end))
        end += max(0, added)
        return added
    }

    package func append(_ piece: UnsafeRawBufferPointer) {
        guard let base = piece.baseAddress else { return }
        makeRoom(piece.count)
        (bytes + end).copyMemory(from: base, byteCount: piece.count)
        end += piece.count
    }

    /// The next complete line without its terminator; `nil` if there is none.
    package func next() -> UnsafeRawBufferPointer? {
        guard searched < end, let found = memchr(bytes + searched, 10, end - searched) else {
            searched = end
            return nil
        }
        let line = UnsafeRawBufferPointer(start: bytes + start, count: found - (bytes + start))
        start += line.count + 1
        searched = start
        return line
    }

    /// All complete lines with their terminators; `nil` if there are none.
    package func wholeLines() -> UnsafeRawBufferPointer? {
        guard searched < end, memchr(bytes + searched, 10, end - searched) != nil,
            let last = UnsafeRawBufferPointer(start: bytes + start, count: count).lastIndex(of: 10)
        else {
            searched = end
            return nil
        }
        let lines = UnsafeRawBufferPointer(start: bytes + start, count: last + 1)
        start += lines.count
        searched = start
        return lines
    }

    /// The incomplete last line.
    package func rest() -> UnsafeRawBufferPointer {
        defer { clear() }
        return UnsafeRawBufferPointer(start: bytes + start, count: count)
    }

    /// Discards all but the first bytes.
    package func truncate(to count: Int) {
        end = min(end, start + count)
        searched = min(searched, end)
    }

    package func clear() { (start, end, searched) = (0, 0, 0) }

    private func makeRoom(_ room: Int) {
        guard capacity - end < room else { return }
        let count = self.count
        if capacity - count >= room {
            memmove(bytes, bytes + start, count)
        } else {
            capacity = max(2 * capacity, count + room)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
            larger.copyMemory(from: bytes + start, byteCount: count)
            bytes.deallocate()
            bytes = larger
        }
        (start, end, searched) = (0, count, searched - start)
    }
}

extension UnsafeRawBufferPointer {
    /// Calls `body` with each complete line without its terminator.
    package func forEachLine(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard let base = baseAddress else { return }
        var start = 0
        while start < count, let end = memchr(base + start, 10, count - start) {
            let length = UnsafeRawPointer(end) - (base + start)
            body(UnsafeRawBufferPointer(start: base + start, count: length))
            start += length + 1
        }
    }
}
