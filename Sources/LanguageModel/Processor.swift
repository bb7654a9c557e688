import Foundation

/// What computes: results are the same to the bit where the kernel set is the same.
public struct Processor: Hashable, Sendable {
    /// The processor's model, such as `AMD EPYC 7B13`.
    public let name: String
    /// The kernel set of the matrix library, such as `Haswell`.
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

    private static var model: String {
        guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else {
            return "unknown"
        }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    }
}
