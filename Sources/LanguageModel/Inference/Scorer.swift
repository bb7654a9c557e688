import CKernels

/// Computes teacher-forced log-probabilities. The bits of a token depend on its own sequence alone, not on
/// other sequences, their order, or the number of threads.
public struct Scorer {
    private let model: Transformer
    private let weights: PackedWeights
    private let threads: Int
    private let sampling: SamplingOptions?

    static let microbatchTokens = 512

    /// A scorer for a model whose weights must not change while it is used. With `sampling`, probabilities are
    /// those of the sampled distribution, with temperature and filters. Throws `LanguageModelError.memory` if
    /// the packed weights do not fit.
    public init(_ model: Transformer, sampling: SamplingOptions? = nil, threads: Int) throws {
        precondition(sampling?.isGreedy != true, "a greedy choice has no probabilities")
        self.model = model
        self.sampling = sampling?.isPlain == true ? nil : sampling
        self.threads = min(max(1, threads), ThreadTeam.limit)
        weights = try PackedWeights(model, threads: self.threads)
    }

    /// log p(tokens[t] | tokens[..<t]) in nats, for every sequence and every t >= max(1, start):
    /// `[sequences][count - max(1, start)]`. Throws `LanguageModelError` if tokens are outside the vocabulary
    /// or do not fit the context, and if logits are not finite.
    public func logProbabilities(of sequences: [[Int32]], from starts: [Int]) throws -> [[Float]] {
        precondition(sequences.count == starts.count, "every sequence needs a start")
        for sequence in sequences { try model.check(sequence) }
        let batches = batches(of: sequences, starts)
        let passes = try passes(for: batches)
        var results = [[Float]](repeating: [], count: batches.count)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEach(batches.count, threads: threads) { index, thread in
                results[index] = passes[thread].score(batches[index].batch)
            }
        }
        var scores = [[Float]](repeating: [], count: sequences.count)
        for (batch, values) in zip(batches, results) {
            var rest = values[...]
            for index in batch.sequences {
                let count = max(0, sequences[index].count - max(1, starts[index]))
                if let place = rest.prefix(count).firstIndex(where: { !$0.isFinite }) {
                    throw LanguageModelError.infiniteLogits(
                        position: max(1, starts[index]) + place - rest.startIndex)
                }
                scores[index] = Array(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
        }
        return scores
    }

    /// The numbers of floats of the buffers that scoring allocates, by purpose.
    package func bufferSizes(
        for sequences: [[Int32]]
    ) throws -> (packedWeights: Int, activations: Int) {
        let passes = try passes(for: batches(of: sequences, sequences.map { _ in 1 }))
        return (weights.floats, passes.reduce(0) { $0 + $1.floats })
    }

    private typealias Batch = (batch: PackedBatch, sequences: [Int])

    private func passes(for batches: [Batch]) throws -> [ScoringPass] {
        let capacity = batches.map(\.batch.tokens.count).max() ?? 0
        let count = min(threads, max(1, batches.count))
        let plan = MemoryPlan.scoring(model.configuration, longest: capacity + 1, threads: count)
        try MemoryCheck.floats(plan.activations / 4, for: .activations)
        return (0..<count).map { _ in
            ScoringPass(model, weights, sampling: sampling, capacity: capacity)
        }
    }

    /// Groups whole sequences into batches that fit the processor cache.
    private func batches(
        of sequences: [[Int32]], _ starts: [Int]
    ) -> [Batch] {
        var batches: [Batch] = []
        for (index, sequence) in sequences.enumerated() where sequence.count > 1 {
            let fits =
                batches.last.map {
                    $0.batch.tokens.count + sequence.count - 1 <= Self.microbatchTokens
                } ?? false
            if !fits { batches.append((PackedBatch(), [])) }
            batches[batches.count - 1].batch.append(sequence) { $0 >= starts[index] ? 1 : nil }
            batches[batches.count - 1].sequences.append(index)
        }
        return batches
    }
}

/// The forward pass of one thread over whole sequences. A class, because it owns its buffers.
final class ScoringPass {
    private let pass: InferencePass
    private let scratch: FloatBuffer
    private let lse: FloatBuffer
    private let distribution: TokenDistribution?

    init(
        _ model: Transformer, _ weights: PackedWeights, sampling: SamplingOptions? = nil,
        capacity: Int
    ) {
        let c = model.configuration
        distribution = sampling.map { TokenDistribution($0, vocabulary: c.vocabularySize) }
        pass = InferencePass(
            model, weights, rows: capacity, logitRows: Self.logitRows(c), threads: 1)
        let (attention, scores) = Self.scratch(c, capacity: capacity)
        scratch = FloatBuffer(count: attention)
        lse = FloatBuffer(count: scores)
    }

    /// The numbers of additional floats for attention: the scratch memory of the kernel, and log-sum-exps.
    static func scratch(
        _ c: ModelConfiguration, capacity: Int
    ) -> (attention: Int, scores: Int) {
        (vk_attention_scratch(min(capacity, c.contextLength), c.headSize), capacity * c.heads)
    }

    var floats: Int {
        pass.floats + scratch.count + lse.count + (distribution?.floats ?? 0)
    }

    /// The number of rows whose logits are computed together: enough to amortise reading the weights of the
    /// head, and few enough to stay in the cache if the vocabulary is not too large.
    static func logitRows(_ c: ModelConfiguration) -> Int {
        max(96, min(252, (1 << 20) / c.vocabularySize / 12 * 12))
    }

    /// The log-probability of each target of the batch; NaN if its logits are not finite.
    func score(_ batch: PackedBatch) -> [Float] {
        var values = [Float](repeating: 0, count: batch.rows.count)
        let vocabulary = pass.model.configuration.vocabularySize
        forEachRow(batch) { index, logits, stride, count in
            // The kernel may not propagate NaN.
            let finite = (0..<count).map { (logits + $0 * stride).isFinite(count: vocabulary) }
            values.withUnsafeMutableBufferPointer { values in
                batch.targets.withUnsafeBufferPointer { targets in
                    guard let targets = targets.baseAddress, let values = values.baseAddress else {
                        return
                    }
                    if let distribution {
                        for row in 0..<count {
                            distribution.restrict(
                                logits + row * stride, keeping: targets[index + row])
                        }
                    }
                    vk_log_softmax(
                        logits, stride, targets + index, nil, values + index, nil, count,
                        vocabulary)
                    for row in 0..<count where !finite[row] { values[index + row] = .nan }
                }
            }
        }
        return values
    }

    /// Calls `body` for each chunk of predicted rows of the batch, with the index of its first row, the logits,
    /// the stride between rows, and the number of rows.
    func forEachRow(
        _ batch: PackedBatch,
        _ body: (_ index: Int, _ logits: UnsafeMutablePointer<Float>, _ stride: Int, _ count: Int)
            -> Void
    ) {
        forward(batch)
        batch.rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            for start in stride(from: 0, to: batch.rows.count, by: pass.logitRows) {
                let count = min(pass.logitRows, batch.rows.count - start)
                pass.head(rows + start, count: count, .alone)
                body(start, pass.logits(0), pass.logitStride, count)
            }
        }
    }

    private func forward(_ batch: PackedBatch) {
        let (c, stride) = (pass.model.configuration, pass.projectionStride)
        batch.tokens.withUnsafeBufferPointer { tokens in
            batch.positions.withUnsafeBufferPointer { positions in
                guard let tokens = tokens.baseAddress, let positions = positions.baseAddress else {
                    return
                }
                pass.run(tokens, positions, count: batch.tokens.count, .alone) { _, _ in
                    for segment in batch.segments {
                        let q = pass.projected + segment.start * stride
                        vk_attention(
                            q, stride, q + c.queryWidth, stride, q + c.queryWidth + c.keyWidth,
                            stride, pass.attended + segment.start * c.queryWidth, c.queryWidth,
                            lse.pointer, segment.length, c.heads, c.keyValueHeads, c.headSize,
                            scratch.pointer)
                    }
                }
            }
        }
    }
}

extension Transformer {
    /// The logits of the next token after each prefix of `tokens`: `[tokens][vocabulary]`. Throws as
    /// `Scorer.logProbabilities` does, except that logits may be infinite.
    public func logits(of tokens: [Int32]) throws -> [[Float]] {
        try check(tokens)
        var batch = PackedBatch()
        batch.append(tokens + [0]) { _ in 1 }
        let size = configuration.vocabularySize
        var rows: [[Float]] = []
        try ScoringPass(self, PackedWeights(self, threads: 1), capacity: tokens.count)
            .forEachRow(batch) { _, logits, stride, count in
                for row in 0..<count {
                    rows.append(
                        Array(UnsafeBufferPointer(start: logits + row * stride, count: size)))
                }
            }
        return rows
    }
}
