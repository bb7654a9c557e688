/// Samples continuations of many prompts at once. A prompt is computed once for all its continuations,
/// and a finished one makes room for the next. What is sampled is a function of (seed, stream, sample,
/// position) and the prompt, whatever else is in the batch and however many threads share the work.
public struct Sampler {
    private let model: Transformer
    private let weights: PackedWeights
    private let threads: Int
    private let slots: Int
    private let text: (@Sendable ([Int32]) throws -> String)?

    /// Memory of the cache of keys and values that fewer slots are taken for.
    private static let cacheFloats = 1 << 28

    /// Operations of a step that a thread must find for itself before it joins in: below, waiting for the others
    /// costs more than they help.
    package var workPerThread = Self.defaultWorkPerThread
    static let defaultWorkPerThread = 2_000_000

    /// Parameters up to which a model is small enough for every thread to sample by itself.
    package var smallModel = Self.defaultSmallModel
    static let defaultSmallModel = 1 << 20

    /// Sequences that are advanced together unless told otherwise.
    public static let defaultSlots = 128

    /// A sampler for a model whose weights stay as they are meanwhile. `slots` sequences are advanced
    /// together; `text` turns tokens into text, which stop texts need. Throws without memory for the
    /// weights.
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

    /// The continuations of each request, in order. Throws if a prompt is empty, has tokens that the model
    /// does not, or does not fit the context together with `maxTokens`, and where logits are not finite.
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

    /// A run and the numbers of the requests whose samples it draws.
    private typealias Part = (requests: [Int], run: SamplingRun)

    private func parts(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> [Part] {
        precondition(
            text != nil || options.stopTexts.isEmpty, "stop texts need tokens turned into text")
        for request in requests {
            try model.check(request.prompt)
            let length = request.prompt.count + options.maxTokens
            guard length <= model.configuration.contextLength else {
                throw LanguageModelError.length(
                    tokens: length, limit: model.configuration.contextLength)
            }
        }
        let longest = (requests.map(\.prompt.count).max() ?? 1) + options.maxTokens
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

    /// The requests for some of all samples, counted through.
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

    /// How many runs share the samples, and how many threads the steps of each. A small model stays in every
    /// processor's own cache: there each thread samples by itself, and nobody waits. Otherwise threads read
    /// the weights once for all, if a step has work for them.
    static func division(
        _ layout: ParameterLayout, samples: Int, slots: Int, threads: Int,
        workPerThread: Int = defaultWorkPerThread, smallModel: Int = defaultSmallModel
    ) -> (runs: Int, members: Int) {
        if layout.count <= smallModel { return (max(1, min(threads, samples)), 1) }
        return (1, max(1, min(threads, 2 * layout.count * slots / workPerThread)))
    }

    /// Slots for samples of at most `tokens` tokens: as many as are wanted, needed and affordable.
    static func slots(
        _ c: ModelConfiguration, tokens: Int, samples: Int, wanted: Int
    ) -> Int {
        max(1, min(wanted, samples, cacheFloats / KeyValueCache.floats(c, tokens: tokens)))
    }

    /// The floats of the buffers that `sample` takes, by what they are for.
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
