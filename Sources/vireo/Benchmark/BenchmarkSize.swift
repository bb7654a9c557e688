import ArgumentParser
import LanguageModel

/// The model sizes of `vireo bench`.
enum BenchmarkSize: String, ExpressibleByArgument, CaseIterable {
    case countdown
    case tiny
    case small
    case base
    case mid
    case halfBillion = "qwen2.5-0.5b"

    /// The configuration of the model with a context length of `contextLength` tokens.
    func configuration(contextLength: Int) -> ModelConfiguration {
        func shape(
            _ d: Int, _ layers: Int, _ heads: Int, _ keyValueHeads: Int, _ headSize: Int, _ ff: Int,
            _ vocabulary: Int, _ architecture: ModelConfiguration.Architecture = .qwen3
        ) -> ModelConfiguration {
            ModelConfiguration(
                architecture: architecture, vocabularySize: vocabulary, hiddenSize: d,
                intermediateSize: ff, layers: layers, heads: heads, keyValueHeads: keyValueHeads,
                headSize: headSize, contextLength: contextLength, ropeTheta: 1e6)
        }
        return switch self {
        case .countdown: shape(96, 3, 4, 4, 24, 256, 117)
        case .tiny: shape(64, 4, 4, 2, 16, 192, 256)
        case .small: shape(128, 4, 4, 2, 32, 384, 512)
        case .base: shape(256, 6, 8, 4, 32, 768, 1024)
        case .mid: shape(512, 8, 8, 4, 64, 1536, 8192)
        case .halfBillion: shape(896, 24, 14, 2, 64, 4864, 151_936, .qwen2)
        }
    }

    /// The default number of predicted tokens of a sequence.
    var length: Int {
        switch self {
        case .countdown: 48
        case .tiny, .small: 128
        case .base, .mid, .halfBillion: 256
        }
    }

    /// The default number of sequences in a batch.
    func batch(of task: BenchmarkTask) -> Int {
        switch (self, task) {
        case (.halfBillion, _): 1
        case (_, .generate): 64
        case (.countdown, _), (.tiny, _), (.small, _): 32
        case (.base, _): 16
        case (.mid, _): 8
        }
    }

    /// The default numbers of prompt tokens and of new tokens for generation.
    var generation: (prompt: Int, new: Int) { self == .halfBillion ? (256, 32) : (16, 96) }

    var repetitions: Int { self == .halfBillion ? 3 : 9 }
}
