import LanguageModel

/// Generates continuations and computes log-probabilities: the engine of this program, or inference servers.
protocol InferenceEngine {
    /// The continuations of each request, in order: `[requests][count]`; `nil` for one that a server failed to generate.
    func sample(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) async throws -> [[Continuation?]]

    /// log p(tokens[t] | tokens[..<t]) in nats, for every sequence and every t >= max(1, start):
    /// `[sequences][count - max(1, start)]`.
    func logProbabilities(of sequences: [[Int32]], from starts: [Int]) async throws -> [[Float]]
}

/// The engine of this program. A class, because the weights that it packs on first use serve all calls.
final class LocalEngine: InferenceEngine {
    private let model: LoadedModel
    private let threads: Int
    private var sampler: Sampler?
    private var scorer: Scorer?

    init(_ model: LoadedModel, threads: Int) {
        self.model = model
        self.threads = threads
    }

    func sample(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) async throws -> [[Continuation?]] {
        let sampler = try self.sampler ?? model.sampler(threads: threads)
        self.sampler = sampler
        return try sampler.sample(requests, options)
    }

    func logProbabilities(
        of sequences: [[Int32]], from starts: [Int]
    ) async throws -> [[Float]] {
        let scorer = try self.scorer ?? Scorer(model.transformer, threads: threads)
        self.scorer = scorer
        return try scorer.logProbabilities(of: sequences, from: starts)
    }
}
