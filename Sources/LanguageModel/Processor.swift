import Foundation

/// What computes.
public struct Processor: Hashable, Sendable {
    /// The processor's model, such as `AMD EPYC 7B13`.
    public let name: String
    /// The kernels in use: `AVX-512`, `AVX2` or `baseline`.
    public let kernels: String

    /// A processor by its names.
    public init(name: String, kernels: String) {
        self.name = name
        self.kernels = kernels
    }

    /// The one that this program runs on.
    public static var current: Processor {
        Processor(name: model, kernels: Transformer.kernels)
    }

    /// Whether results are the same to the bit as on the other: fused multiply-add decides, not the width of
    /// the vectors.
    public func givesBits(of other: Processor) -> Bool {
        let fused = ["AVX-512", "AVX2"]
        return kernels == other.kernels
            || fused.contains(kernels) && fused.contains(other.kernels)
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
