import Stages
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DataOrderTests {
    private func order(_ count: Int, batch: Int = 4, seed: Int = 1) -> DataOrder {
        DataOrder(lengths: (0..<count).map { $0 % 7 }, batch: batch, seed: seed)
    }

    @Test(
        "Every example occurs once per epoch for all sizes of data and batch",
        arguments: [
            (1, 1), (1, 32), (8, 48), (48, 32), (50, 4), (64, 4), (100, 7), (257, 32), (1000, 3),
        ])
    func epochs(count: Int, batch: Int) {
        var order = order(count, batch: batch)
        #expect(order.batchesInEpoch == (count + batch - 1) / batch)
        var orders: [[Int]] = []
        for epoch in 0..<3 {
            let batches = (0..<order.batchesInEpoch).map {
                order.indices(batch: epoch * order.batchesInEpoch + $0)
            }
            #expect(Array(batches.joined()).sorted() == Array(0..<count))
            // One batch is smaller where the sizes do not match.
            let sizes = batches.map(\.count).sorted()
            #expect(sizes.dropFirst().allSatisfy { $0 == batch })
            #expect(sizes[0] == (count - 1) % batch + 1)
            orders.append(Array(batches.joined()))
        }
        #expect(order.batchesInEpoch < 3 || (orders[0] != orders[1] && orders[1] != orders[2]))
    }

    @Test("A batch is a function of seed and number, in whatever order it is asked for")
    func purity() {
        var (one, other) = (order(50), order(50))
        let forward = (0..<60).map { one.indices(batch: $0) }
        for number in (0..<60).reversed() {
            #expect(other.indices(batch: number) == forward[number])
        }
        var seeded = order(50, seed: 2)
        #expect((0..<60).map { seeded.indices(batch: $0) } != forward)
    }

    @Test("A batch of a block has sequences of like length")
    func lengths() {
        var order = DataOrder(lengths: (0..<32).map { $0 }, batch: 4, seed: 3)
        for step in 0..<8 {
            let lengths = order.indices(batch: step)
            #expect(lengths.max()! - lengths.min()! == 3)
        }
    }

    @Test("Passes are whole epochs and the batches that a part of one needs")
    func passes() {
        let order = order(50, batch: 8)
        #expect(order.batchesInEpoch == 7)
        let counts = [1, 2, 0.5, 1.5, 0.01, 0.16].map { order.batches(epochs: $0) }
        #expect(counts == [7, 14, 4, 11, 1, 1])
        // 0.1 * 30 is a little more than 3.
        #expect(self.order(30, batch: 1).batches(epochs: 0.1) == 3)
    }
}
