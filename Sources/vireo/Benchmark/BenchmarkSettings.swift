import ArgumentParser

/// What a benchmark does and how often.
struct BenchmarkSettings {
    /// How the weights are rounded: the engine keeps those that are bfloat16 numbers as such.
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

    /// Tokens that the model must have room for.
    var contextLength: Int { max(128, length + 1, prompt + new) }
}

/// What `vireo bench` measures.
enum BenchmarkTask: String, ExpressibleByArgument, CaseIterable {
    case train
    case generate
    case score
    case load
}
