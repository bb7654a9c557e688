/// Samples continuations of many prompts in batches. A prompt is computed once for all its continuations, and a
/// finished continuation makes room for the next. The result is a function of (seed, stream, sample, position)
/// and the prompt. It depends neither on other requests in the batch nor on the number of threads.
public struct Sampler {
    private let model: Transformer
    private let weights: PackedWeights
    private let threads: Int
    private let slots: Int
    private let text: (@Sendable ([Int32]) throws -> String)?

    /// The maximum size of the key-value cache, in floats; the number of slots is reduced accordingly.
    private static let cacheFloats = 1 << 28

    /// The number of operations per step that justifies another thread. With fewer, synchronisation costs more
    /// than it gains.
    package var workPerThread = Self.defaultWorkPerThread
    static let defaultWorkPerThread = 2_000_000

    /// The maximum number of parameters of a model for which each thread samples on its own.
    package var smallModel = Self.defaultSmallModel
    static let defaultSmallModel = 1 << 20

    /// The default number of sequences that are decoded together.
    public static let defaultSlots = 128

    /// A sampler for a model whose weights must not change while it is used. `slots` is the number of sequences
    /// that are decoded together. `text` decodes tokens and is required for stop texts. Throws
    /// `LanguageModelError.memory` if the packed weights do not fit.
    public init(
        _ model: Transformer, threads: Int, slots: Int = defaultSlots,
        text: (@Sendable ([Int32]) throws -> String)? = nil
    ) throws {
        self.model = model
        self.threads = min(max(1, threads), ThreadTeam.limit)
        self.slots = max(1, slots)
        self.text = text
        weights = try PackedWeights(model, threads: self.threads)
    }

    /// The continuations of each request, in order: `[requests][count]`. Throws `LanguageModelError` if a
    /// prompt is empty, has tokens outside the vocabulary or does not fit the context together with the
    /// maximum number of new tokens, and if logits are not finite.
    public func sample(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> [[Continuation]] {
        let parts = try parts(requests, options)
        var results = [Result<[[Continuation]], any Error>](
            repeating: .success([]), count: parts.count)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEach(parts.count, threads: parts.count) { index, _ in
                results[index] = Result { try parts[index].run.results() }
            }
        }
        var continuations = [[Continuation]](repeating: [], count: requests.count)
        for (part, result) in zip(parts, results) {
            for (request, samples) in zip(part.requests, try result.get()) {
                continuations[request] += samples
            }
        }
        return continuations
    }

    /// A run and the indices of the requests whose samples it draws.
    private typealias Part = (requests: [Int], run: SamplingRun)

    private func parts(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> [Part] {
        precondition(
            text != nil || options.stopTexts.isEmpty, "stop texts need tokens turned into text")
        for request in requests {
            try model.check(request.prompt)
            let length = request.prompt.count + request.limit(options)
            guard length <= model.configuration.contextLength else {
                throw LanguageModelError.length(
                    tokens: length, limit: model.configuration.contextLength)
            }
        }
        let longest =
            requests.map { $0.prompt.count + $0.limit(options) }.max()
            ?? (1 + options.maxTokens)
        let samples = requests.reduce(0) { $0 + $1.count }
        let slots = Self.slots(
            model.configuration, tokens: longest, samples: samples, wanted: slots)
        let (runs, members) = Self.division(
            model.layout, samples: samples, slots: slots, threads: threads,
            workPerThread: workPerThread, smallModel: smallModel)
        return (0..<runs).map { index in
            let part = Self.part(
                samples * index / runs..<samples * (index + 1) / runs, of: requests)
            return (
                part.map(\.number),
                SamplingRun(
                    model, weights, part.map(\.request), options,
                    slots: (slots + runs - 1) / runs, capacity: longest, threads: members,
                    text: text)
            )
        }
    }

    /// The requests for a range of all samples, numbered consecutively over the requests.
    private static func part(
        _ range: Range<Int>, of requests: [SamplingRequest]
    ) -> [(number: Int, request: SamplingRequest)] {
        var start = 0
        return requests.enumerated().compactMap { number, request in
            let own = range.clamped(to: start..<(start + request.count))
            defer { start += request.count }
            guard !own.isEmpty else { return nil }
            var request = request
            request.firstSample += own.lowerBound - start
            request.count = own.count
            return (number, request)
        }
    }

    /// The number of runs that share the samples, and the number of threads per run. A small model fits the
    /// private cache of every processor, so each thread samples on its own without synchronisation. Otherwise
    /// all threads share one run and read the weights once, if a step has enough work.
    static func division(
        _ layout: ParameterLayout, samples: Int, slots: Int, threads: Int,
        workPerThread: Int = defaultWorkPerThread, smallModel: Int = defaultSmallModel
    ) -> (runs: Int, members: Int) {
        if layout.count <= smallModel { return (max(1, min(threads, samples)), 1) }
        return (1, max(1, min(threads, 2 * layout.count * slots / workPerThread)))
    }

    /// The number of slots for samples of at most `tokens` tokens, limited by `wanted`, the number of samples
    /// and memory.
    static func slots(
        _ c: ModelConfiguration, tokens: Int, samples: Int, wanted: Int
    ) -> Int {
        max(1, min(wanted, samples, cacheFloats / KeyValueCache.floats(c, tokens: tokens)))
    }

    /// The numbers of floats of the buffers that `sample` allocates, by purpose.
    package func bufferSizes(
        for requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> (packedWeights: Int, cache: Int, activations: Int) {
        let runs = try parts(requests, options).map(\.run)
        return (
            weights.floats, runs.reduce(0) { $0 + $1.cacheFloats },
            runs.reduce(0) { $0 + $1.activationFloats }
        )
    }
}
