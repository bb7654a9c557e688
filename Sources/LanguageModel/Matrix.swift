import CBLAS

/// Matrix products with weights stored [outputs][inputs], as Hugging Face does.
enum Matrix {
    typealias Input = UnsafePointer<Float>
    typealias Output = UnsafeMutablePointer<Float>

    /// y [rows][outputs] (+)= x [rows][inputs] weight^T
    static func apply(
        _ weight: Input, to x: Input, into y: Output, rows: Int, inputs: Int, outputs: Int,
        adding: Bool = false
    ) {
        vireo_sgemm(
            0, 1, Int32(rows), Int32(outputs), Int32(inputs), 1, x, Int32(inputs), weight,
            Int32(inputs), adding ? 1 : 0, y, Int32(outputs))
    }

    /// dx [rows][inputs] (+)= dy [rows][outputs] weight
    static func propagate(
        _ dy: Input, through weight: Input, into dx: Output, rows: Int, inputs: Int, outputs: Int,
        adding: Bool = false
    ) {
        vireo_sgemm(
            0, 0, Int32(rows), Int32(inputs), Int32(outputs), 1, dy, Int32(outputs), weight,
            Int32(inputs), adding ? 1 : 0, dx, Int32(inputs))
    }

    /// dweight [outputs][inputs] += dy^T x
    static func accumulate(
        _ dy: Input, _ x: Input, into dweight: Output, rows: Int, inputs: Int, outputs: Int
    ) {
        vireo_sgemm(
            1, 0, Int32(outputs), Int32(inputs), Int32(rows), 1, dy, Int32(outputs), x,
            Int32(inputs), 1, dweight, Int32(inputs))
    }
}
