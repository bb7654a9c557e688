import LanguageModel

extension FloatBuffer {
    /// Adds `factor` times the floats of a buffer of the same size.
    func add(_ other: FloatBuffer, times factor: Double) {
        precondition(count == other.count, "two gradients differ in size")
        let (target, source, factor) = (pointer, other.pointer, Float(factor))
        for index in 0..<count { target[index] += factor * source[index] }
    }

    /// The sum of products with a buffer of the same size.
    func dot(_ other: FloatBuffer) -> Double {
        precondition(count == other.count, "two gradients differ in size")
        var sum = 0.0
        for index in 0..<count { sum += Double(pointer[index]) * Double(other.pointer[index]) }
        return sum
    }
}
