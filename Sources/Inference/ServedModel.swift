import JSON

/// A model that inference servers run. It generates continuations and computes log-probabilities, with all requests of
/// a call in flight at once, as far as the servers cope with them.
package struct ServedModel: Sendable {
    package let kind: ServerKind

    private let name: String
    private let api: any ServerAPI
    private let queue: RequestQueue
    private let concurrency: Int
    private let failedLimit: Double
    private let journal: String
    private let fingerprints: FingerprintRecord
    private let text: TokenText
    private let log: @Sendable (String) -> Void

    /// The maximum number of scoring requests in flight per server, because their memory is not limited by vLLM.
    private static let scoringConcurrency = 4

    /// The model as a probe has found it. `failedLimit` is the share of continuations that may be missing, `journal` a
    /// file for the answers of unfinished calls, `fingerprints` records which servers answered, `text` decodes tokens.
    package init(
        _ kind: ServerKind, name: String, queue: RequestQueue, concurrency: Int,
        failedLimit: Double, journal: String, fingerprints: FingerprintRecord,
        text: @escaping TokenText, log: @escaping @Sendable (String) -> Void
    ) {
        self.kind = kind
        self.name = name
        api = kind.api
        self.queue = queue
        self.concurrency = concurrency
        self.failedLimit = failedLimit
        self.journal = journal
        self.fingerprints = fingerprints
        self.text = text
        self.log = log
    }

    /// The continuations in the order of the requests; `nil` for those that failed. Throws `InferenceError` if more
    /// failed than allowed.
    package func generate(_ requests: [GenerationRequest]) async throws -> [Generation?] {
        let bodies = requests.map { api.generation(of: $0, model: name) }
        let journal = try AnswerJournal(journal, keeping: bodies)
        if journal.count > 0 { log("\(journal.count) answers of an earlier attempt are kept") }
        let failures = FailureCount(of: requests.count, limit: failedLimit)
        let generations = try await map(requests.count, width: concurrency * queue.count) {
            index -> Generation? in
            if let generation = journal.entry(for: bodies[index]).flatMap(Generation.init) {
                return generation
            }
            do {
                let generation = try await generation(requests[index], bodies[index])
                try await journal.append(generation.entry(for: bodies[index]))
                return generation
            } catch let error as InferenceError {
                guard case .failed = error else { throw error }
                try await failures.add(error)
                return nil
            }
        }
        if let warning = await failures.warning { log(warning) }
        return generations
    }

    /// log p(tokens[t] | tokens[..<t]) in nats, for every sequence and every t >= 1. Throws `InferenceError`.
    package func logProbabilities(of sequences: [[Int32]]) async throws -> [[Float]] {
        let bodies = sequences.compactMap { api.scoring(of: $0, model: name) }
        guard bodies.count == sequences.count else { throw InferenceError.cannotScore(kind) }
        let journal = try AnswerJournal(journal, keeping: bodies)
        if journal.count > 0 { log("\(journal.count) answers of an earlier attempt are kept") }
        let width = min(concurrency, Self.scoringConcurrency) * queue.count
        return try await map(sequences.count, width: width) { index in
            let sequence = sequences[index]
            if let entry = journal.entry(for: bodies[index]),
                entry.logProbabilities.count == sequence.count - 1
            {
                return entry.logProbabilities
            }
            let values = try await value(of: bodies[index]) {
                [api, name] answer throws(AnswerFault) in
                try api.scores(in: answer, of: sequence, model: name)
            }
            try await journal.append(
                .init(key: AnswerJournal.key(bodies[index]), logProbabilities: values))
            return values
        }
    }

    private func generation(
        _ request: GenerationRequest, _ body: ServerRequest
    ) async throws -> Generation {
        try await value(of: body) { [api, name, text] answer throws(AnswerFault) in
            try api.generation(in: answer, to: request, model: name, text)
        }
    }

    /// The answer to a request. The fingerprint of its server is recorded before the answer is kept.
    private func value<Value: Sendable>(
        of body: ServerRequest, _ read: @Sendable (JSONValue) throws(AnswerFault) -> Value
    ) async throws -> Value {
        let (value, fingerprint) = try await queue.value(of: body) {
            [api] answer throws(AnswerFault) in (try read(answer), api.fingerprint(of: answer))
        }
        if let fingerprint { try await fingerprints.add(fingerprint) }
        return value
    }

    /// The values of `body` for `0..<count`, computed by at most `width` tasks at once.
    private func map<Value: Sendable>(
        _ count: Int, width: Int, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        var values = [Value?](repeating: nil, count: count)
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            for index in 0..<count {
                if index >= width, let (done, value) = try await group.next() {
                    values[done] = value
                }
                group.addTask { (index, try await body(index)) }
            }
            for try await (done, value) in group { values[done] = value }
        }
        return values.compactMap { $0 }
    }
}

/// Counts failed requests and throws when there are too many. An actor, because requests fail concurrently.
private actor FailureCount {
    private let total: Int
    private let limit: Double
    private var count = 0
    private var last = ""

    init(of total: Int, limit: Double) {
        self.total = total
        self.limit = limit
    }

    func add(_ error: InferenceError) throws(InferenceError) {
        count += 1
        last = "\(error)"
        guard limit > 0 else { throw error }
        guard Double(count) <= limit * Double(total) else {
            throw .tooManyFailures(count, of: total, limit: limit, last: last)
        }
    }

    var warning: String? {
        count == 0
            ? nil : "\(count) of \(total) samples are missing, because requests failed: \(last)"
    }
}

extension Generation {
    fileprivate init?(_ entry: AnswerJournal.Entry) {
        guard let tokens = entry.tokens, let isStopped = entry.isStopped,
            tokens.count == entry.logProbabilities.count
        else { return nil }
        self.init(
            tokens: tokens, logProbabilities: entry.logProbabilities,
            end: isStopped ? .stop : .length)
    }

    fileprivate func entry(for request: ServerRequest) -> AnswerJournal.Entry {
        .init(
            key: AnswerJournal.key(request), tokens: tokens, logProbabilities: logProbabilities,
            isStopped: end == .stop)
    }
}
