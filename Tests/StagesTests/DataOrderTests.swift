import Stages
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DataOrderTests {
    private func order(_ count: Int, batch: Int = 4, seed: Int = 1) -> DataOrder {
        DataOrder(lengths: (0..<count).map { $0 % 7 }, batch: batch, seed: seed)
    }

    @Test("Every example comes once an epoch")
    func epochs() {
        let order = order(64)
        let first = (0..<16).flatMap { order.indices(step: $0) }
        #expect(first.sorted() == Array(0..<64))
        let second = (16..<32).flatMap { order.indices(step: $0) }
        #expect(second.sorted() == Array(0..<64))
        #expect(first != second)
    }

    @Test("Epochs that are no multiple of the batch are used to the last example")
    func remainders() {
        let order = order(50)
        var counts = [Int](repeating: 0, count: 50)
        for step in 0..<200 { for index in order.indices(step: step) { counts[index] += 1 } }
        #expect(counts.allSatisfy { $0 == 16 })
    }

    @Test("A step's batch is a function of seed and step")
    func purity() {
        #expect(order(50).indices(step: 37) == order(50).indices(step: 37))
        #expect(order(50).indices(step: 37) != order(50, seed: 2).indices(step: 37))
    }

    @Test("A batch of a block has sequences of like length")
    func lengths() {
        let order = DataOrder(lengths: (0..<32).map { $0 }, batch: 4, seed: 3)
        for step in 0..<8 {
            let lengths = order.indices(step: step)
            #expect(lengths.max()! - lengths.min()! == 3)
        }
    }
}
