/// Samples continuations of many prompts at once. A prompt is computed once for all its continuations,
/// and a finished one makes room for the next. What is sampled is a function of (seed, stream, sample,
/// position) and the prompt, whatever else is in the batch and however many threads share the work.
public struct Sampler {
    private let model: Transformer
    private let weights: PackedWeights
    private let threads: Int
    private let slots: Int
    private let text: (([Int32]) throws -> String)?

    /// Memory of the cache of keys and values that fewer slots are taken for.
    private static let cacheFloats = 1 << 28

    /// Operations of a step that a thread must find for itself before it joins in: below, waiting for the others
    /// costs more than they help.
    package var workPerThread = Self.defaultWorkPerThread
    static let defaultWorkPerThread = 2_000_000

    /// Sequences that are advanced together unless told otherwise.
    public static let defaultSlots = 128

    /// A sampler for a model whose weights stay as they are meanwhile. `slots` sequences are advanced
    /// together; `text` turns tokens into text, which stop texts need.
    public init(
        _ model: Transformer, threads: Int, slots: Int = defaultSlots,
        text: (([Int32]) throws -> String)? = nil
    ) {
        self.model = model
        self.threads = min(max(1, threads), Team.limit)
        self.slots = max(1, slots)
        self.text = text
        weights = PackedWeights(model, threads: self.threads)
    }

    /// The continuations of each request, in order. Throws if a prompt is empty, has tokens that the model
    /// does not, or does not fit the context together with `maxTokens`.
    public func sample(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> [[Continuation]] {
        try run(requests, options).results()
    }

    private func run(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) throws -> SamplingRun {
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
        return SamplingRun(
            model, weights, requests, options, slots: slots, capacity: longest,
            threads: Self.members(
                model.layout, slots: slots, threads: threads, workPerThread: workPerThread),
            text: text)
    }

    /// Threads that share the steps of `slots` sequences.
    static func members(
        _ layout: ParameterLayout, slots: Int, threads: Int,
        workPerThread: Int = defaultWorkPerThread
    ) -> Int {
        max(1, min(threads, 2 * layout.count * slots / workPerThread))
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
        let run = try run(requests, options)
        return (weights.floats, run.cacheFloats, run.activationFloats)
    }
}
