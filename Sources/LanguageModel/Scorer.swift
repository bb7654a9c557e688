import CKernels

/// Teacher-forced log-probabilities.
public struct Scorer {
    private let model: Transformer
    private let threads: Int

    private static let microbatchTokens = 512

    /// A scorer for a model whose weights stay as they are meanwhile.
    public init(_ model: Transformer, threads: Int) {
        self.model = model
        self.threads = max(1, threads)
    }

    /// log p(tokens[t] | tokens[..<t]) in nats for every sequence and every t >= its start (and >= 1).
    /// The order of the sequences and the batches cut from it decide the last bits, not the threads.
    public func logProbabilities(of sequences: [[Int32]], from starts: [Int]) throws -> [[Float]] {
        precondition(sequences.count == starts.count, "every sequence needs a start")
        for sequence in sequences { try model.check(sequence) }
        var batches: [(batch: PackedBatch, sequences: [Int])] = []
        for (index, sequence) in sequences.enumerated() where sequence.count > 1 {
            let fits =
                batches.last.map {
                    $0.batch.tokens.count + sequence.count - 1 <= Self.microbatchTokens
                } ?? false
            if !fits { batches.append((PackedBatch(), [])) }
            batches[batches.count - 1].batch.append(sequence) { $0 >= starts[index] ? 1 : nil }
            batches[batches.count - 1].sequences.append(index)
        }
        let capacity = batches.map(\.batch.tokens.count).max() ?? 0
        let activations = (0..<min(threads, max(1, batches.count))).map { _ in
            Activations(model.configuration, capacity: capacity)
        }
        var results = [[Float]](repeating: [], count: batches.count)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEach(batches.count, threads: threads) { index, thread in
                results[index] = score(batches[index].batch, activations[thread])
            }
        }
        var scores = [[Float]](repeating: [], count: sequences.count)
        for (batch, values) in zip(batches, results) {
            var rest = values[...]
            for index in batch.sequences {
                let count = sequences[index].count - max(1, starts[index])
                scores[index] = Array(rest.prefix(max(0, count)))
                rest = rest.dropFirst(max(0, count))
            }
        }
        return scores
    }

    private func score(_ batch: PackedBatch, _ a: Activations) -> [Float] {
        model.forward(batch, a)
        var values = [Float](repeating: 0, count: batch.rows.count)
        model.head(batch, a) { range in
            values.withUnsafeMutableBufferPointer { values in
                batch.targets.withUnsafeBufferPointer { targets in
                    vk_log_softmax(
                        a.logits, targets.baseAddress.map { $0 + range.lowerBound }, nil,
                        values.baseAddress.map { $0 + range.lowerBound }, nil, range.count,
                        model.configuration.vocabularySize)
                }
            }
        }
        return values
    }
}
