import Files
import Foundation
import Inference
import LanguageModel
import Pipeline
import Processes

/// Inference servers as an engine.
struct ServedEngine: InferenceEngine {
    /// The maximum number of tokens of a sequence; `nil` if no server tells.
    let contextLength: Int?

    private let model: ServedModel
    private let context: StageContext

    /// The number of tokens of the prompt of the probe.
    private static let probeLength: Int32 = 8

    /// Connects to the servers of a model with this vocabulary and probes them. Throws `InferenceError`.
    init(
        _ backend: Backend, _ tokenizer: Tokenizer, vocabulary: Int, scores: Bool,
        in context: StageContext
    ) async throws {
        let log: @Sendable (String) -> Void = { context.emit(.warning($0)) }
        let queue = try Self.queue(backend, in: context, log)
        let probe = CapabilityProbe(
            kind: backend.kind, version: backend.version, model: backend.model,
            concurrency: backend.concurrency,
            prompt: (1...Self.probeLength).map { $0 % Int32(vocabulary) },
            scores: scores)
        let finding = try await untilCancelled(context) { try await probe.run(on: queue) }
        Self.report(finding, backend, in: context)
        let fingerprints = FingerprintRecord(context.work + "/fingerprints.json") { all in
            context.emit(
                .engine(
                    EngineIdentity(
                        name: backend.kind.rawValue, version: backend.version,
                        fingerprint: all.isEmpty ? nil : all.joined(separator: ", "))))
        }
        try await fingerprints.begin(with: finding.fingerprints)
        // A score needs room for a new token.
        contextLength = finding.contextLength.map { scores ? $0 - 1 : $0 }
        model = ServedModel(
            backend.kind, name: backend.model, queue: queue, concurrency: backend.concurrency,
            failedLimit: backend.failedLimit, journal: context.work + "/answers.jsonl",
            fingerprints: fingerprints, text: { try tokenizer.decode($0, skippingUnknown: true) },
            log: log)
        self.context = context
    }

    /// The queue of the running servers, or of the one that the stage runs.
    private static func queue(
        _ backend: Backend, in context: StageContext, _ log: @escaping @Sendable (String) -> Void
    ) throws -> RequestQueue {
        let transport = try transport(log)
        var policy = try backend.policy()
        guard let program = backend.program else {
            return RequestQueue(backend.places, transport, policy, log: log)
        }
        // Other users of the machine must not use the server.
        let key = (0..<4).map { _ in String(UInt32.random(in: 0 ... .max), radix: 36) }.joined()
        policy.key = key
        let server = try backend.process(program, key: key, transport, in: context)
        return RequestQueue([server], transport, policy, log: log)
    }

    private static func transport(
        _ log: @escaping @Sendable (String) -> Void
    ) throws -> any HTTPTransport {
        let environment = ProcessInfo.processInfo.environment
        let path = HTTPProgram.path(
            beside: CommandLine.program, or: environment["PATH"] ?? "")
        guard let path else { throw InferenceError.noProgram }
        do {
            return try HTTPProgram(path: path, environment: environment, log: log)
        } catch {
            throw InferenceError.startFailure("\(error)")
        }
    }

    /// Says what computes the result, because the same options do not promise the same bits.
    private static func report(
        _ finding: CapabilityProbe.Finding, _ backend: Backend, in context: StageContext
    ) {
        let fingerprints = finding.fingerprints.joined(separator: ", ")
        context.emit(
            .log(
                "the model runs on \(backend.kind.rawValue) \(backend.version)"
                    + (fingerprints.isEmpty ? "" : " (\(fingerprints))")
                    + ": another server, or the same one under another load, may give other bits"))
        if finding.difference > 1e-3 {
            context.emit(
                .warning(
                    "log-probabilities of generated and of given tokens differ by \(finding.difference) on average: the server computes in reduced precision"
                ))
        }
    }

    func sample(
        _ requests: [SamplingRequest], _ options: SamplingOptions
    ) async throws -> [[Continuation?]] {
        let generations = requests.flatMap { request in
            (request.firstSample..<request.firstSample + request.count).map {
                GenerationRequest(request, sample: $0, options)
            }
        }
        let answers = try await untilCancelled(context) { [model] in
            try await model.generate(generations)
        }
        var continuations = zip(generations, answers).map { request, generation in
            generation.map { Continuation($0, of: request) }
        }[...]
        return requests.map { request in
            defer { continuations = continuations.dropFirst(request.count) }
            return Array(continuations.prefix(request.count))
        }
    }

    func logProbabilities(
        of sequences: [[Int32]], from starts: [Int]
    ) async throws -> [[Float]] {
        // A single token has no log-probability.
        let long = sequences.filter { $0.count > 1 }
        let values = try await untilCancelled(context) { [model] in
            try await model.logProbabilities(of: long)
        }
        var rest = values[...]
        return zip(sequences, starts).map { sequence, start in
            guard sequence.count > 1 else { return [] }
            return Array((rest.popFirst() ?? []).dropFirst(max(1, start) - 1))
        }
    }
}

/// The result of `body`. Throws `CancellationError` soon after the stage is cancelled.
private func untilCancelled<Value: Sendable>(
    _ context: StageContext, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            while !context.isCancelled() { try await Task.sleep(for: .milliseconds(100)) }
            throw CancellationError()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}

extension GenerationRequest {
    fileprivate init(_ request: SamplingRequest, sample: Int, _ options: SamplingOptions) {
        self.init(
            prompt: request.prompt, maxTokens: request.limit(options),
            temperature: Self.decimal(options.temperature), topK: options.topK,
            topP: Self.decimal(options.topP), minP: Self.decimal(options.minP),
            seed: Self.seed(options.seed, stream: request.stream, sample: sample),
            stopTokens: options.stopTokens, stopTexts: options.stopTexts)
    }

    /// The double with the shortest decimal spelling of `value`, as the user wrote it.
    private static func decimal(_ value: Float) -> Double {
        Double(value.description) ?? Double(value)
    }
}

extension Continuation {
    /// Servers report log-probabilities at temperature 1, which are those of the distribution that was sampled only if
    /// it was not modified.
    fileprivate init(_ generation: Generation, of request: GenerationRequest) {
        self.init()
        tokens = generation.tokens
        logProbabilities = generation.logProbabilities
        if request.isPlain { sampledLogProbabilities = logProbabilities }
        finish = generation.end == .stop ? .stop : .length
        let endsWithToken = tokens.last.map(request.stopTokens.contains) ?? false
        if finish == .stop, !endsWithToken { stopText = request.stopTexts.first }
    }
}
