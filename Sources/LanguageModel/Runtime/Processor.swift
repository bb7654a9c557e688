import Foundation

/// What computes.
public struct Processor: Hashable, Sendable {
    /// The processor's model, such as `AMD EPYC 7B13`.
    public let name: String
    /// The kernels in use: `AVX-512`, `AVX2` or `baseline`.
    public let kernels: String
    /// What computes products with many rows: `own`, which is the kernels, or such as
    /// `openblas 0.3.21 SkylakeX`.
    public let products: String

    /// A processor by its names.
    public init(name: String, kernels: String, products: String = Products.own.identity) {
        self.name = name
        self.kernels = kernels
        self.products = products
    }

    /// The one that this program runs on, where `products` compute.
    public static func current(with products: Products) -> Processor {
        Processor(name: model, kernels: Transformer.kernels, products: products.identity)
    }

    /// The kernels, and what else computes.
    public var kernelSet: String {
        products == Products.own.identity ? kernels : "\(kernels) with \(products)"
    }

    /// Whether results are the same to the bit as on the other: fused multiply-add decides, not the width of
    /// the vectors. OpenBLAS promises nothing from one model of processor to another.
    public func givesBits(of other: Processor) -> Bool {
        let fused = ["AVX-512", "AVX2"]
        let isSame =
            kernels == other.kernels || fused.contains(kernels) && fused.contains(other.kernels)
        return isSame && products == other.products
            && (products == Products.own.identity || name == other.name)
    }

    /// Throws for a value of VIREO_KERNELS or VIREO_PRODUCTS that means nothing, and when OpenBLAS is asked for
    /// and cannot be loaded: to be called before work begins.
    public static func checkSettings() throws(LanguageModelError) {
        let (variable, choices) = ("VIREO_KERNELS", ["AVX-512", "AVX2", "baseline"])
        if let value = setting(variable), !choices.contains(value) {
            throw .setting(variable: variable, value: value, choices: choices)
        }
        // Without a wish nothing can be wrong, and most commands do not need to load OpenBLAS.
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
