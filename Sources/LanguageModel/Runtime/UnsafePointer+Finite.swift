extension UnsafeMutablePointer<Float> {
    /// Whether none of the first `count` floats is infinite or not a number.
    func isFinite(count: Int) -> Bool {
        // An exponent of ones carries into the sign's bit. Integers, for their loop has no order to keep.
        var bits: UInt32 = 0
        for i in 0..<count { bits |= (self[i].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
        return bits & 0x8000_0000 == 0
    }
}

extension FloatBuffer {
    /// Whether no float is infinite or not a number.
    var isFinite: Bool { pointer.isFinite(count: count) }
}
