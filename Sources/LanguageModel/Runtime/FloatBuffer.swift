import Glibc

/// A fixed number of floats, aligned to 64 bytes, for weights, gradients and activations. A class, because it
/// owns its memory. Not thread-safe.
public final class FloatBuffer {
    /// The first float; valid as long as the buffer lives.
    public let pointer: UnsafeMutablePointer<Float>

    /// The number of floats.
    public let count: Int

    /// The size of the memory mapping in bytes; 0 for small buffers.
    private let mapped: Int

    /// The minimum size of buffers that are mapped with huge pages, in bytes. Untouched parts take no memory.
    private static let mappingSize = 1 << 20

    /// A buffer of zeros.
    public init(count: Int) {
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Float>.size
        if bytes >= Self.mappingSize,
            let memory = mmap(
                nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        {
            madvise(memory, bytes, MADV_HUGEPAGE)
            mapped = bytes
            pointer = memory.bindMemory(to: Float.self, capacity: count)
        } else {
            mapped = 0
            pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
                .bindMemory(to: Float.self, capacity: max(count, 1))
            pointer.initialize(repeating: 0, count: max(count, 1))
        }
    }

    /// A buffer with the values of `other`.
    public convenience init(copying other: FloatBuffer) {
        self.init(count: other.count)
        pointer.update(from: other.pointer, count: count)
    }

    deinit {
        if mapped > 0 {
            munmap(pointer, mapped)
        } else {
            UnsafeMutableRawPointer(pointer).deallocate()
        }
    }

    /// Sets every float to zero.
    public func clear() { pointer.update(repeating: 0, count: count) }

    /// The floats as a Swift array.
    public var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

extension UnsafeMutablePointer<Float> {
    /// Whether all of the first `count` floats are finite.
    func isFinite(count: Int) -> Bool {
        // An exponent of all ones carries into the sign bit. Integer operations can be vectorised, because
        // their order is free.
        var bits: UInt32 = 0
        for i in 0..<count { bits |= (self[i].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
        return bits & 0x8000_0000 == 0
    }
}

extension FloatBuffer {
    /// Whether all floats are finite.
    var isFinite: Bool { pointer.isFinite(count: count) }
}
