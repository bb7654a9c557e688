import JSON

/// Finds out at the start of a stage whether servers do what the stage relies on, because most deviations would give
/// wrong results without an error.
package struct CapabilityProbe: Sendable {
    package let kind: ServerKind
    /// The version that the pipeline declares.
    package let version: String
    /// The name under which the servers know the model.
    package let model: String
    /// The number of requests that will be in flight.
    package let concurrency: Int
    /// The tokens of a short text.
    package let prompt: [Int32]
    /// Whether the stage computes log-probabilities of given texts.
    package let scores: Bool

    package init(
        kind: ServerKind, version: String, model: String, concurrency: Int, prompt: [Int32],
        scores: Bool
    ) {
        self.kind = kind
        self.version = version
        self.model = model
        self.concurrency = concurrency
        self.prompt = prompt
        self.scores = scores
    }

    /// What the servers have in common.
    package struct Finding: Hashable, Sendable {
        /// The shortest context of a server; `nil` if none tells.
        package var contextLength: Int?
        /// The fingerprints of the servers.
        package var fingerprints: [String] = []
        /// The largest difference between log-probabilities of generated and of given tokens, on average over the
        /// tokens.
        package var difference: Float = 0
    }

    /// The number of tokens of a continuation.
    private static let length = 8

    /// A high temperature, at which different seeds give different texts, and at which log-probabilities that are not
    /// those at temperature 1 differ from these.
    private static let temperature = 2.0

    /// The average difference of log-probabilities above which they are not of the same distribution. Servers that
    /// compute in half precision reach a few hundredths.
    private static let tolerance: Float = 0.1

    /// Probes all servers of the queue at the same time. Throws `InferenceError`.
    package func run(on queue: RequestQueue) async throws -> Finding {
        if scores, !kind.scores { throw InferenceError.cannotScore(kind) }
        return try await withThrowingTaskGroup(of: Finding.self) { group in
            for server in 0..<queue.count {
                group.addTask { try await run(on: queue, server) }
            }
            var whole = Finding()
            for try await finding in group {
                let lengths = [whole.contextLength, finding.contextLength].compactMap { $0 }
                whole.contextLength = lengths.min()
                whole.fingerprints += finding.fingerprints
                whole.difference = max(whole.difference, finding.difference)
            }
            whole.fingerprints = Set(whole.fingerprints).sorted()
            return whole
        }
    }

    private func run(on queue: RequestQueue, _ server: Int) async throws -> Finding {
        let name = queue.name(of: server)
        let api = kind.api
        let list = try await queue.value(of: ModelList.request, at: server) {
            [model] answer throws(AnswerFault) in try ModelList(answer, model: model)
        }
        guard list.names.contains(model) else {
            throw InferenceError.unknownModel(name, name: model, known: list.names)
        }
        let (path, field) = api.version
        let found = try await queue.value(of: ServerRequest(path: path), at: server) {
            answer throws(AnswerFault) in try answer.text(field)
        }
        guard found == version else {
            throw InferenceError.otherVersion(name, found: found, declared: version)
        }
        let (first, fingerprint) = try await generation(on: queue, server, seed: 1)
        guard try await generation(on: queue, server, seed: 1).value.tokens == first.tokens else {
            throw InferenceError.unrepeatable(name)
        }
        let texts = try await withThrowingTaskGroup(of: [Int32].self) { group in
            for seed in 0..<max(2, concurrency) {
                group.addTask {
                    try await generation(on: queue, server, seed: UInt64(seed) + 2).value.tokens
                }
            }
            return try await group.reduce(into: Set([first.tokens])) { $0.insert($1) }
        }
        guard texts.count > 1 else { throw InferenceError.ignoresSeeds(name, kind) }
        var finding = Finding(
            contextLength: list.contextLength,
            fingerprints: fingerprint.map { [$0] } ?? [])
        if scores {
            finding.difference = try await difference(on: queue, server, first)
            guard finding.difference <= Self.tolerance else {
                throw InferenceError.otherScores(name, kind, difference: finding.difference)
            }
        }
        return finding
    }

    private func generation(
        on queue: RequestQueue, _ server: Int, seed: UInt64
    ) async throws -> (value: Generation, fingerprint: String?) {
        let api = kind.api
        let request = GenerationRequest(
            prompt: prompt, maxTokens: Self.length, temperature: Self.temperature, seed: seed)
        return try await queue.value(of: api.generation(of: request, model: model), at: server) {
            [model] answer throws(AnswerFault) in
            (
                try api.generation(in: answer, to: request, model: model) { _ in "" },
                api.fingerprint(of: answer)
            )
        }
    }

    /// The average difference between the log-probabilities of a continuation when generated and when given.
    private func difference(
        on queue: RequestQueue, _ server: Int, _ generation: Generation
    ) async throws -> Float {
        let api = kind.api
        let tokens = prompt + generation.tokens
        guard let request = api.scoring(of: tokens, model: model) else {
            throw InferenceError.cannotScore(kind)
        }
        let scores = try await queue.value(of: request, at: server) {
            [model] answer throws(AnswerFault) in
            try api.scores(in: answer, of: tokens, model: model)
        }
        let differences = zip(scores.suffix(generation.tokens.count), generation.logProbabilities)
            .map { abs($0 - $1) }
        return differences.reduce(0, +) / Float(max(1, differences.count))
    }
}
