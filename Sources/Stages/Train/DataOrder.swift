import Reasoning

/// The order of the training data. It is a function of the seed and the number of a batch, so no state is
/// saved. Every example occurs once per epoch; one batch of an epoch is smaller if the batch size does not
/// divide the number of examples.
///
/// An epoch is a permutation of the examples. Blocks of eight batches are sorted by length, so that a batch has
/// sequences of similar length, and the batches of a block are shuffled.
package struct DataOrder {
    package let lengths: [Int]
    package let batch: Int
    package let seed: Int

    /// The epoch of the cached batches, so that a step needs no shuffle.
    private var epoch = -1
    private var batches: [[Int]] = []

    private static let batchesInBlock = 8

    /// `lengths` are those of the examples, of which there must be at least one.
    package init(lengths: [Int], batch: Int, seed: Int) {
        self.lengths = lengths
        self.batch = batch
        self.seed = seed
    }

    package var batchesInEpoch: Int { (lengths.count + batch - 1) / batch }

    /// The number of batches in `epochs` passes, including an incomplete last one.
    package func batches(epochs: Double) -> Int {
        Self.batches(of: lengths.count, batch: batch, epochs: epochs)
    }

    /// The same for `count` examples.
    package static func batches(of count: Int, batch: Int, epochs: Double) -> Int {
        let whole = epochs.rounded(.down)
        let rest = (epochs - whole) * Double(count) / Double(batch)
        // Rounding errors of products such as 0.1 * 30 must not add a batch.
        return max(
            1,
            Int(whole) * ((count + batch - 1) / batch) + Int((rest * (1 - 1e-12)).rounded(.up)))
    }

    /// The indices of the examples of a batch, from 0.
    package mutating func indices(batch number: Int) -> [Int] {
        let wanted = number / batchesInEpoch
        if wanted != epoch {
            batches = Self.batches(lengths, batch, seed, epoch: wanted)
            epoch = wanted
        }
        return batches[number % batchesInEpoch]
    }

    private static func batches(
        _ lengths: [Int], _ batch: Int, _ seed: Int, epoch: Int
    ) -> [[Int]] {
        var order = Array(lengths.indices)
        var random = RandomSource(seed: seed, "order", .number(epoch))
        random.shuffle(&order)
        let size = batch * batchesInBlock
        return stride(from: 0, to: order.count, by: size).flatMap { start in
            let block = order[start...].prefix(size)
            let sorted = block.enumerated().sorted {
                (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
            }.map(\.element)
            var random = RandomSource(
                seed: seed, "batches", .number(epoch), .number(start / size))
            // The smaller batch may have sequences of any length.
            var sizes = stride(from: 0, to: sorted.count, by: batch).map {
                min(batch, sorted.count - $0)
            }
            random.shuffle(&sizes)
            var rest = sorted[...]
            var batches = sizes.map { count in
                defer { rest = rest.dropFirst(count) }
                return Array(rest.prefix(count))
            }
            random.shuffle(&batches)
            return batches
        }
    }
}
