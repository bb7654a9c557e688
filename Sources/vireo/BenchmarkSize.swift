import ArgumentParser
import LanguageModel

/// What `vireo bench` measures.
enum BenchmarkTask: String, ExpressibleByArgument, CaseIterable {
    case train
    case generate
    case score
}

/// The model sizes of `vireo bench`.
enum BenchmarkSize: String, ExpressibleByArgument, CaseIterable {
    case countdown
    case tiny
    case small
    case base
    case mid

    var configuration: ModelConfiguration {
        func shape(
            _ d: Int, _ layers: Int, _ heads: Int, _ keyValueHeads: Int, _ headSize: Int, _ ff: Int,
            _ vocabulary: Int
        ) -> ModelConfiguration {
            ModelConfiguration(
                vocabularySize: vocabulary, hiddenSize: d, intermediateSize: ff, layers: layers,
                heads: heads, keyValueHeads: keyValueHeads, headSize: headSize,
                contextLength: max(128, length + 1), ropeTheta: 1e6)
        }
        return switch self {
        case .countdown: shape(96, 3, 4, 4, 24, 256, 117)
        case .tiny: shape(64, 4, 4, 2, 16, 192, 256)
        case .small: shape(128, 4, 4, 2, 32, 384, 512)
        case .base: shape(256, 6, 8, 4, 32, 768, 1024)
        case .mid: shape(512, 8, 8, 4, 64, 1536, 8192)
        }
    }

    /// Tokens of a training sequence.
    var length: Int {
        switch self {
        case .countdown: 48
        case .tiny, .small: 128
        case .base, .mid: 256
        }
    }

    /// Sequences of a training step.
    var batch: Int {
        switch self {
        case .countdown, .tiny, .small: 32
        case .base: 16
        case .mid: 8
        }
    }
}
