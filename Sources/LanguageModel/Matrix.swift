import CKernels

/// Matrix products with weights stored [outputs][inputs], as Hugging Face does, for many rows.
enum Matrix {
    typealias Input = UnsafePointer<Float>
    typealias Output = UnsafeMutablePointer<Float>

    /// y [rows][outputs] (+)= x [rows][inputs] weight^T
    static func apply(
        _ weight: Input, to x: Input, into y: Output, rows: Int, inputs: Int, outputs: Int,
        adding: Bool = false
    ) {
        vk_apply(x, weight, y, rows, outputs, inputs, adding ? 1 : 0)
    }

    /// dx [rows][inputs] = dy [rows][outputs] weight
    static func propagate(
        _ dy: Input, through weight: Input, into dx: Output, rows: Int, inputs: Int, outputs: Int
    ) {
        vk_propagate(dy, weight, dx, rows, outputs, inputs, 0)
    }

    /// dweight [outputs][inputs] += dy^T x
    static func accumulate(
        _ dy: Input, _ x: Input, into dweight: Output, rows: Int, inputs: Int, outputs: Int,
        scratch: FloatBuffer
    ) {
        vk_accumulate(dy, x, dweight, rows, outputs, inputs, scratch.pointer)
    }
}
