import Foundation

/// The processor and the kernels that compute results.
public struct Processor: Hashable, Sendable {
    /// The model name of the processor, such as `AMD EPYC 7B13`.
    public let name: String
    /// The kernels in use: `AVX-512`, `AVX2` or `baseline`.
    public let kernels: String
    /// The implementation of products with many rows: `own` for the kernels, or OpenBLAS with version and core,
    /// such as `openblas 0.3.21 SkylakeX`.
    public let products: String

    /// A processor with the given names.
    public init(name: String, kernels: String, products: String = Products.own.identity) {
        self.name = name
        self.kernels = kernels
        self.products = products
    }

    /// The processor that this program runs on, with the given implementation of products.
    public static func current(with products: Products) -> Processor {
        Processor(name: model, kernels: Transformer.kernels, products: products.identity)
    }

    /// The kernels, and OpenBLAS if it is used.
    public var kernelSet: String {
        products == Products.own.identity ? kernels : "\(kernels) with \(products)"
    }

    /// Whether results are bit-identical to those of the other processor. Fused multiply-add matters, the width
    /// of vectors does not. OpenBLAS gives no guarantee across processor models.
    public func givesBits(of other: Processor) -> Bool {
        let fused = ["AVX-512", "AVX2"]
        let isSame =
            kernels == other.kernels || fused.contains(kernels) && fused.contains(other.kernels)
        return isSame && products == other.products
            && (products == Products.own.identity || name == other.name)
    }

    /// Throws if VIREO_KERNELS or VIREO_PRODUCTS has an invalid value, or if OpenBLAS is requested and cannot
    /// be loaded. Call it before work begins.
    public static func checkSettings() throws(LanguageModelError) {
        let (variable, choices) = ("VIREO_KERNELS", ["AVX-512", "AVX2", "baseline"])
        if let value = setting(variable), !choices.contains(value) {
            throw .setting(variable: variable, value: value, choices: choices)
        }
        // Without a setting nothing can fail, and most commands do not need OpenBLAS.
        if setting(Products.variable) != nil { _ = try Products.chosen() }
    }

    /// The value of an environment variable that is not empty.
    static func setting(_ variable: String) -> String? {
        getenv(variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static var model: String {
        guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else {
            return "unknown"
        }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    }
}
