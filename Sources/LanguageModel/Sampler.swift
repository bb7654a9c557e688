import CKernels
import Foundation

/// What to sample: `count` continuations of one prompt.
public struct SamplingRequest: Hashable, Sendable {
    /// At least one token.
    public var prompt: [Int32]
    /// Continuations wanted.
    public var count: Int
    /// Names the request's random numbers: requests of one stream get the same noise.
    public var stream: UInt64
    /// The number of the first continuation; its random numbers depend on it.
    public var firstSample: Int

    /// A request.
    public init(prompt: [Int32], count: Int, stream: UInt64, firstSample: Int = 0) {
        self.prompt = prompt
        self.count = count
        self.stream = stream
        self.firstSample = firstSample
    }
}

/// How to sample.
public struct SamplingOptions: Hashable, Sendable {
    /// Logits are divided by it; 0 takes the likeliest token.
    public var temperature: Float
    /// Most new tokens of a continuation.
    public var maxTokens: Int
    /// Tokens that end a continuation; they are part of it.
    public var stopTokens: Set<Int32>
    /// Seed of every random number.
    public var seed: UInt64

    /// Options.
    public init(temperature: Float, maxTokens: Int, stopTokens: Set<Int32>, seed: UInt64) {
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.stopTokens = stopTokens
        self.seed = seed
    }
}

/// One continuation.
public struct Continuation: Hashable, Sendable {
    /// The new tokens, a stop token included.
    public var tokens: [Int32]
    /// The log-probability of each at temperature 1, in nats.
    public var logProbabilities: [Float]
    /// Whether a stop token ended it, rather than the limit.
    public var isFinished: Bool
}

/// Samples continuations of many prompts at once. A prompt is computed once for all its continuations,
/// and a finished one makes room for the next. What is sampled is a function of (seed, stream, sample,
/// position) and the prompt, whatever else is in the batch and however many threads share the work.
public struct Sampler {
    private let model: Transformer
    private let weights: PackedWeights
    private let threads: Int

    /// Sequences that one thread advances together.
    private static let slots = 64

    /// A sampler for a model whose weights stay as they are meanwhile.
    public init(_ model: Transformer, threads: Int) {
        self.model = model
        self.threads = threads
        weights = PackedWeights(model)
    }

    /// The continuations of each request, in order. Throws if a prompt is empty, has tokens that the model
    /// does not, or does not fit the context together with `maxTokens`.
    public func sample(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> [[Continuation]] {
        for request in requests {
            try model.check(request.prompt)
            let length = request.prompt.count + options.maxTokens
            guard length <= model.configuration.contextLength else {
                throw LanguageModelError.length(
                    tokens: length, limit: model.configuration.contextLength)
            }
        }
        let used = max(1, min(threads, requests.count))
        let bounds = (0...used).map { requests.count * $0 / used }
        var results = [[[Continuation]]](repeating: [], count: used)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEach(used, threads: used) { part, _ in
                let requests = Array(requests[bounds[part]..<bounds[part + 1]])
                var batch = SamplingBatch(
                    model, weights, requests, options, slots: Self.slots)
                results[part] = batch.run()
            }
        }
        return Array(results.joined())
    }
}
