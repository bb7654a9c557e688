import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RandomSourceTests {
    @Test("The bits of a stream are fixed for all machines and versions")
    func fixedBits() {
        var random = RandomSource(seed: 77, "countdown", 3)
        let drawn = [random.next(), random.next(), random.next()]
        #expect(
            drawn == [
                6_902_668_024_838_380_408, 1_696_126_923_424_206_928, 8_924_015_565_763_318_196,
            ])
    }

    @Test("Seeds, labels and their order each give other numbers")
    func streamsDiffer() {
        var sources = [
            RandomSource(seed: 0), RandomSource(seed: 1), RandomSource(seed: 0, 0),
            RandomSource(seed: 0, "a"), RandomSource(seed: 0, "a", "b"),
            RandomSource(seed: 0, "b", "a"), RandomSource(seed: 0, "ab"), RandomSource(seed: -1),
        ]
        let first = Set(sources.indices.map { sources[$0].next() })
        #expect(first.count == sources.count)
    }

    @Test("Integers below a bound are equally likely")
    func integersAreUniform() {
        var random = RandomSource(seed: 5, "integers")
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.integer(below: 7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
    }

    @Test("A bound of more than half the range stays below itself")
    func largeBound() {
        var random = RandomSource(seed: 5)
        let bound = Int.max
        #expect((0..<1000).allSatisfy { _ in (0..<bound).contains(random.integer(below: bound)) })
    }

    @Test("Units lie in [0, 1) and average one half")
    func units() {
        var random = RandomSource(seed: 9)
        let drawn = (0..<20_000).map { _ in random.unit() }
        #expect(drawn.allSatisfy { (0..<1).contains($0) })
        #expect(abs(drawn.reduce(0, +) / 20_000 - 0.5) < 0.01)
    }

    @Test("A shuffle reaches every order equally often")
    func shufflesAreUniform() {
        var random = RandomSource(seed: 1, "shuffle")
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 {
            var order = [0, 1, 2, 3]
            random.shuffle(&order)
            counts[order, default: 0] += 1
        }
        #expect(counts.count == 24)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 160 })
    }
}
