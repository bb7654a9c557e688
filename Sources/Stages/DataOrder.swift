import Reasoning

/// The order in which a data set is learnt: a function of (seed, step), so that nothing needs saving.
///
/// Epochs of shuffled examples follow each other; blocks of eight batches are sorted by length, so that
/// a batch has sequences of like length, and the batches of a block are shuffled.
package struct DataOrder {
    package let lengths: [Int]
    package let batch: Int
    package let seed: Int

    private static let batchesInBlock = 8

    package init(lengths: [Int], batch: Int, seed: Int) {
        self.lengths = lengths
        self.batch = batch
        self.seed = seed
    }

    /// The examples of a step.
    package func indices(step: Int) -> [Int] {
        let size = batch * Self.batchesInBlock
        let block = step / Self.batchesInBlock
        var members: [Int] = []
        var epoch = block * size / lengths.count
        var offset = block * size % lengths.count
        while members.count < size {
            var order = Array(lengths.indices)
            var random = RandomSource(seed: seed, "order", .number(epoch))
            random.shuffle(&order)
            members += order[offset...].prefix(size - members.count)
            epoch += 1
            offset = 0
        }
        let sorted = members.enumerated().sorted {
            (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
        }.map(\.element)
        var batches = Array(0..<Self.batchesInBlock)
        var random = RandomSource(seed: seed, "batches", .number(block))
        random.shuffle(&batches)
        let start = batches[step % Self.batchesInBlock] * batch
        return Array(sorted[start..<(start + batch)])
    }
}
