import ArgumentParser

/// The parameters of a benchmark.
struct BenchmarkSettings {
    /// How the random weights are rounded. The engine stores weights that are representable in bfloat16 as bfloat16.
    enum NumberType: String, ExpressibleByArgument, CaseIterable {
        case fp32
        case bf16
    }

    let task: BenchmarkTask
    let size: BenchmarkSize
    let type: NumberType
    let batch: Int
    let length: Int
    let prompt: Int
    let new: Int
    let threads: Int
    let repetitions: Int

    /// The context length that the benchmark needs.
    var contextLength: Int { max(128, length + 1, prompt + new) }
}

/// The work that `vireo bench` measures.
enum BenchmarkTask: String, ExpressibleByArgument, CaseIterable {
    case train
    case generate
    case score
    case load
}
