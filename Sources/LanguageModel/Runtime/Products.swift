import CKernels

/// The implementation of the matrix products of training, which have many rows: the kernels of this package, or
/// OpenBLAS. Weights are stored [outputs][inputs], as in Hugging Face. With both, results do not depend on the
/// number of threads. With OpenBLAS, results differ between processors, and those of a row depend on the number
/// of rows. Therefore scoring and sampling, whose rows are batched arbitrarily, always use `PackedMatrix`.
public enum Products: String, CaseIterable, Sendable {
    /// The kernels of this package.
    case own
    /// OpenBLAS, loaded on first use.
    case openBLAS = "openblas"

    /// The environment variable that selects the implementation.
    static let variable = "VIREO_PRODUCTS"

    private static let choice = Result { () throws(LanguageModelError) in
        try choice(
            Processor.setting(variable), kernels: Transformer.kernels,
            failure: { Products.openBLASFailure })
    }

    /// The implementation that the environment variable VIREO_PRODUCTS selects; without it, the faster one.
    /// Throws if the value is invalid, or if OpenBLAS is requested and cannot be loaded.
    public static func chosen() throws(LanguageModelError) -> Products { try choice.get() }

    /// The implementation for a `setting`. Without vectorised kernels for the processor, OpenBLAS was measured
    /// to be 1.7 to 2.5 times as fast with AVX (its Sandybridge kernels) and 0.9 to 1.2 times with SSE alone
    /// (Nehalem); arm64 was not measured. With AVX2 and AVX-512 the kernels are as fast at small shapes, and
    /// their results agree.
    package static func choice(
        _ setting: String?, kernels: String, failure: () -> String?
    ) throws(LanguageModelError) -> Products {
        guard let setting else {
            return kernels == "baseline" && failure() == nil ? .openBLAS : .own
        }
        guard let products = Products(rawValue: setting) else {
            throw .setting(
                variable: variable, value: setting, choices: allCases.map(\.rawValue))
        }
        if products == .openBLAS, let reason = failure() { throw .openBLAS(reason: reason) }
        return products
    }

    /// Why OpenBLAS cannot be used; `nil` if it can.
    package static var openBLASFailure: String? {
        vk_openblas_failure().map { String(cString: $0) }
    }

    /// Throws if the implementation cannot be used.
    package func check() throws(LanguageModelError) {
        if self == .openBLAS, let reason = Self.openBLASFailure { throw .openBLAS(reason: reason) }
    }

    /// Identifies the implementation that determines the last bits of results: `own`, or OpenBLAS with version
    /// and core, such as `openblas 0.3.21 SkylakeX`.
    public var identity: String {
        self == .own ? rawValue : String(cString: vk_openblas_identity())
    }

    // MARK: The products

    /// y [rows][outputs] (+)= x [rows][inputs] weight^T
    package func apply(
        _ weight: UnsafePointer<Float>, to x: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int,
        adding: Bool = false
    ) {
        switch self {
        case .own: vk_apply(x, weight, y, rows, outputs, inputs, adding ? 1 : 0)
        case .openBLAS:
            vk_openblas_product(
                x, inputs, 0, weight, inputs, 1, y, outputs, rows, outputs, inputs, adding ? 1 : 0)
        }
    }

    /// dx [rows][inputs] = dy [rows][outputs] weight
    package func propagate(
        _ dy: UnsafePointer<Float>, through weight: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int
    ) {
        switch self {
        case .own: vk_propagate(dy, weight, dx, rows, outputs, inputs, 0)
        case .openBLAS:
            vk_openblas_product(
                dy, outputs, 0, weight, inputs, 0, dx, inputs, rows, inputs, outputs, 0)
        }
    }

    /// dweight [outputs][inputs] += dy^T x; `scratch` has `scratchSize` floats.
    package func accumulate(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
        into dweight: UnsafeMutablePointer<Float>, rows: Int, inputs: Int, outputs: Int,
        scratch: FloatBuffer
    ) {
        switch self {
        case .own: vk_accumulate(dy, x, dweight, rows, outputs, inputs, scratch.pointer)
        case .openBLAS:
            vk_openblas_product(
                dy, outputs, 1, x, inputs, 0, dweight, inputs, outputs, inputs, rows, 1)
        }
    }

    /// The number of scratch floats of `accumulate`.
    package static var scratchSize: Int { vk_accumulate_scratch() }
}
