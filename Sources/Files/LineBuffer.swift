import Glibc

/// Bytes that arrive in pieces, cut into lines. Lines are handed out where they lie, and stay until more bytes are
/// added. For one thread.
package final class LineBuffer {
    private var bytes: UnsafeMutableRawPointer
    private var capacity: Int
    /// Of the bytes that are not handed out yet.
    private var start = 0
    private var end = 0
    /// Where no line ends before.
    private var searched = 0

    package init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        bytes = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { bytes.deallocate() }

    /// The number of bytes that are not handed out yet.
    package var count: Int { end - start }

    /// Has `read` put up to `room` bytes or a little more behind what is there. `read` returns their number, or one
    /// that is not positive, as the system's call does; so does this.
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

    /// The next line that has an end, without it; `nil` if there is none.
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

    /// All lines that have an end, with their ends; `nil` if there is none.
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

    /// What has no end yet.
    package func rest() -> UnsafeRawBufferPointer {
        defer { clear() }
        return UnsafeRawBufferPointer(start: bytes + start, count: count)
    }

    /// Forgets all but the first bytes.
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
    /// Calls `body` with each line that has an end, without it.
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
