/// A fixed number of floats, aligned to 64 bytes: weights, gradients and activations live in these.
/// A class, because it owns its memory; not thread-safe.
public final class FloatBuffer {
    /// The first float. Valid as long as the buffer lives.
    public let pointer: UnsafeMutablePointer<Float>

    /// The number of floats.
    public let count: Int

    /// A buffer of zeros.
    public init(count: Int) {
        self.count = count
        pointer = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: count)
    }

    /// A buffer with the values of `other`.
    public convenience init(copying other: FloatBuffer) {
        self.init(count: other.count)
        pointer.update(from: other.pointer, count: count)
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    /// Sets every float to zero.
    public func clear() { pointer.update(repeating: 0, count: count) }

    /// The floats as a Swift array.
    public var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
