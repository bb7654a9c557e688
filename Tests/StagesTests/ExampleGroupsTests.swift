import Reasoning
import Stages
import Testing

/// What a step takes of the examples of a question.
@Suite("Groups of examples", .timeLimit(.minutes(10)))
struct ExampleGroupsTests {
    private func example(
        _ question: Int, _ weight: Double, _ source: Example.Source = .trace
    ) -> Example {
        let question = Question(
            id: "q\(question)", task: "countdown", text: "", answer: nil, level: nil,
            split: "train", source: "test")
        return Example(question: question, trace: "", answer: "", weight: weight, source: source)
    }

    /// Three questions with several traces, one of them also with a demonstration.
    private var mixed: [Example] {
        [
            example(1, 0.5), example(2, 0.125), example(1, 0.25), example(3, 1),
            example(1, 1, .demonstration), example(1, 0.25), example(2, 0), example(2, 0.875),
        ]
    }

    @Test("The examples of a question from one source are a group, in the order of the data")
    func grouping() throws {
        for unit in [ExampleGroups.Unit.question, .draw] {
            let groups = try ExampleGroups(mixed, unit: unit, seed: 1)
            #expect(groups.members == [[0, 2, 5], [1, 6, 7], [3], [4]])
        }
        let single = try ExampleGroups(mixed, unit: .example, seed: 1)
        #expect(single.members == mixed.indices.map { [$0] })
    }

    @Test(
        "A step learns all examples of a question with their weights, or one with the sum of them")
    func factors() throws {
        let all = try ExampleGroups(mixed, unit: .question, seed: 1)
        #expect(all.examples(of: 1, epoch: 3) == [1, 6, 7])
        #expect(all.factors == mixed.map(\.weight))
        let one = try ExampleGroups(mixed, unit: .draw, seed: 1)
        #expect(one.factors == mixed.map { _ in 1 })
        #expect((0..<20).allSatisfy { one.examples(of: 1, epoch: $0).count == 1 })
    }

    @Test(
        "Over all points the factor of a draw is in the mean the weight of each example",
        arguments: [[3, 0, 1, 4], [0, 0, 5], [1], [2, 2], [1, 6, 0], [7, 0]])
    func expectation(weights: [Int]) {
        let total = weights.reduce(0, +)
        var sums = weights.map { _ in 0 }
        for point in 0..<total {
            let place = ExampleGroups.draw(
                at: Double(point) / Double(total), from: weights.map { Double($0) })
            // A draw has the factor `total`, and each point the probability 1 / total.
            sums[place] += 1
        }
        #expect(sums == weights)
    }

    @Test("An example of weight 0 is not drawn at any point, not even where rounding leads")
    func zero() {
        for weights in [[0, 0.1, 0.7, 0], [0, 1e-300, 0], [0.1, 0.2, 0.3, 0.4, 0, 0]] {
            for point in [0, 0.1, 0.3, 0.5, 0.9, (1.0).nextDown] {
                #expect(weights[ExampleGroups.draw(at: point, from: weights)] > 0)
            }
        }
    }

    @Test("Over many epochs each example is drawn as often as its weight says")
    func frequencies() throws {
        let groups = try ExampleGroups(mixed, unit: .draw, seed: 7)
        let epochs = 4000
        var counts = [Int](repeating: 0, count: mixed.count)
        for epoch in 0..<epochs {
            for group in groups.members.indices {
                counts[groups.examples(of: group, epoch: epoch)[0]] += 1
            }
        }
        for (count, example) in zip(counts, mixed) {
            // Six standard deviations of a share of one half.
            let share = Double(count) / Double(epochs)
            #expect(abs(share - example.weight) < 0.05)
        }
        #expect(counts[6] == 0)
    }

    @Test("A draw is a function of seed, epoch and group")
    func purity() throws {
        func draws(_ seed: Int) throws -> [[Int]] {
            let groups = try ExampleGroups(mixed, unit: .draw, seed: seed)
            return (0..<50).map { groups.examples(of: 0, epoch: $0) }
        }
        #expect(try draws(1) == draws(1))
        #expect(try draws(1) != draws(2))
        #expect(Set(try draws(1)).count == 3)
    }

    @Test("The mean number of tokens is that of a draw, and exact for groups of one")
    func tokens() throws {
        let lengths = [10, 8, 20, 7, 3, 30, 99, 16]
        for unit in [ExampleGroups.Unit.question, .draw] {
            let groups = try ExampleGroups(mixed, unit: unit, seed: 1)
            // The means of the groups are 10 / 2 + 20 / 4 + 30 / 4, 8 / 8 + 16 * 7 / 8, 7 and 3.
            #expect(groups.meanTokens(lengths) == 42.5 / 4)
        }
        let single = try ExampleGroups(mixed, unit: .example, seed: 1)
        let sum = lengths.reduce(0, +)
        #expect(single.meanTokens(lengths) == Double(sum) / 8)
    }

    @Test(
        "A question of whose examples none can be drawn is refused, but only if one must be drawn",
        arguments: [[0, 0], [1, -0.5]])
    func undrawable(weights: [Double]) throws {
        let examples = weights.map { example(9, $0) } + [example(1, 1)]
        #expect {
            try ExampleGroups(examples, unit: .draw, seed: 1)
        } throws: {
            "\($0)"
                == "no example of the question q9 can be drawn: with `batch_unit: draw` no weight may be below 0, and one of each question must be above 0; use `batch_unit: question`, or leave the question out"
        }
        let groups = try ExampleGroups(examples, unit: .question, seed: 1)
        #expect(groups.examples(of: 0, epoch: 0) == [0, 1])
        #expect(groups.meanTokens([4, 8, 6]) == 6)
    }
}
