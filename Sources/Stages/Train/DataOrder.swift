import Reasoning

/// The order in which a data set is learnt: a function of the seed and the number of a batch, so that nothing needs
/// saving. Every example comes once an epoch; one batch of an epoch is smaller where the size of batches does not
/// divide the data.
///
/// An epoch is a shuffle of the examples. Blocks of eight batches are sorted by length, so that a batch has
/// sequences of like length, and the batches of a block are shuffled.
package struct DataOrder {
    package let lengths: [Int]
    package let batch: Int
    package let seed: Int

    /// The epoch whose batches are at hand: a step costs no shuffle of its own.
    private var epoch = -1
    private var batches: [[Int]] = []

    private static let batchesInBlock = 8

    /// `lengths` are those of the examples, of which there is one at least.
    package init(lengths: [Int], batch: Int, seed: Int) {
        self.lengths = lengths
        self.batch = batch
        self.seed = seed
    }

    package var batchesInEpoch: Int { (lengths.count + batch - 1) / batch }

    /// How many batches `epochs` passes are, the part of a last one too.
    package func batches(epochs: Double) -> Int {
        let whole = epochs.rounded(.down)
        let rest = (epochs - whole) * Double(lengths.count) / Double(batch)
        // A product such as 0.1 * 30 must not cost a batch for its last bit.
        return max(1, Int(whole) * batchesInEpoch + Int((rest * (1 - 1e-12)).rounded(.up)))
    }

    /// The examples of a batch, counted from 0.
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
