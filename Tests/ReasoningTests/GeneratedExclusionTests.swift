import Reasoning
import Testing

@Suite("Questions that generated text leaves out", .timeLimit(.minutes(10)))
struct GeneratedExclusionTests {
    private static let test = Result { try Countdown.testQuestions(count: 1600) }

    /// The documents of an exclusion, and how many chains were drawn again.
    private func documents<Task: ReasoningTask>(
        _ count: Int, of _: Task.Type, excluding questions: [Question]
    ) throws -> (texts: [String], redraws: Int) {
        var exclusion = GeneratedExclusion(try Task.identities(of: questions))
        let texts = try (0..<count).map {
            try Task.document($0, seed: 6, mixture: Task.standardMixture, excluding: &exclusion)
        }
        return (texts, exclusion.redraws)
    }

    private func isFree<Task: ReasoningTask>(
        _ texts: [String], of questions: [Question], _: Task.Type
    ) throws -> Bool {
        let identities = try Task.identities(of: questions)
        return texts.allSatisfy { Task.identities(in: $0).isDisjoint(with: identities) }
    }

    @Test(
        "The text of Countdown contains most test questions, and none of them if they are excluded")
    func countdown() throws {
        let test = try Self.test.get()
        let old = try documents(3000, of: Countdown.self, excluding: [])
        let contained = old.texts.reduce(into: Set()) { $0.formUnion(Countdown.identities(in: $1)) }
        #expect(contained.intersection(try Countdown.identities(of: test)).count > 800)
        #expect(old.redraws == 0)
        let new = try documents(3000, of: Countdown.self, excluding: test)
        #expect(try isFree(new.texts, of: test, Countdown.self))
        #expect(new.redraws > 1000)
    }

    @Test("The text of modular arithmetic states no excluded question")
    func modular() throws {
        let old = try documents(500, of: Modular.self, excluding: [])
        let stated = old.texts.flatMap { Modular.identities(in: $0) }.prefix(100)
        let test = stated.map {
            Question(
                task: "modular", text: $0.text, answer: nil, level: nil, split: "test", source: "s")
        }
        #expect(test.count == 100)
        let new = try documents(500, of: Modular.self, excluding: test)
        #expect(try isFree(new.texts, of: test, Modular.self))
        #expect(new.redraws > 50)
    }

    @Test("An exclusion that concerns nothing in a text leaves it as it is")
    func unconcerned() throws {
        let other = Question(
            task: "countdown", text: "1 2 3 4 5 : 77", answer: nil, level: nil, split: "test",
            source: "s")
        #expect(
            try documents(200, of: Countdown.self, excluding: [other])
                == documents(200, of: Countdown.self, excluding: []))
    }

    @Test("Kinds and lengths of documents stay as they are without an exclusion")
    func shares() throws {
        let old = try documents(3000, of: Countdown.self, excluding: []).texts
        let new = try documents(3000, of: Countdown.self, excluding: try Self.test.get()).texts
        // The kind is drawn before everything else.
        #expect(old.map { $0.hasPrefix("<q>") } == new.map { $0.hasPrefix("<q>") })
        #expect(old.map { $0.contains("<hint>") } == new.map { $0.contains("<hint>") })
        #expect(new.allSatisfy { Countdown.words(of: $0).count == Countdown.documentLength })
    }

    @Test("An exclusion of everything is an error with words")
    func everything() throws {
        let all = (1...9).flatMap { first in
            (first...9).flatMap { second in
                (second...9).flatMap { third in
                    (0...99).map { "\(first) \(second) \(third) : \($0)" }
                }
            }
        }.map {
            Question(
                task: "countdown", text: $0, answer: nil, level: nil, split: "test", source: "s")
        }
        #expect {
            try documents(10, of: Countdown.self, excluding: all)
        } throws: {
            "\($0)"
                == "the excluded questions leave no chain over 3 numbers for the generated text: "
                + "exclude fewer questions"
        }
    }

    @Test("No failing trial of a demonstration works out an excluded question")
    func demonstrations() throws {
        let test = try Self.test.get()
        let excluded = try Countdown.identities(of: test)
        let train = try Countdown.questions(
            count: 300, seed: 3, split: "train", excluding: excluded)
        func examples(_ excluded: Set<Puzzle.Identity>) throws -> [Example] {
            try train.map { try Countdown.example(of: $0, seed: 3, excluding: excluded) }
        }
        let texts = try examples(excluded).map { $0.trace + " ; " + $0.answer }
        #expect(try isFree(texts, of: test, Countdown.self))
        #expect(try !isFree(try examples([]).map(\.trace), of: test, Countdown.self))
        #expect(try examples(excluded).allSatisfy { !$0.trace.isEmpty })
    }

    @Test("A demonstrator with no trial to fail shows the solution")
    func noFailure() throws {
        let question = Question(
            task: "countdown", text: "1 1 : 2", answer: "1 + 1", level: nil, split: "train",
            source: "s")
        let others = [Puzzle(numbers: [1, 1], target: 0), Puzzle(numbers: [1, 1], target: 1)]
        for seed in 0..<20 {
            let demonstration = try Countdown.demonstration(
                of: question, seed: seed, excluding: Set(others.map(\.identity)))
            #expect(demonstration.trace == "1 + 1 = 2 : 2 ok" && demonstration.isFaithful)
        }
    }

    @Test(
        "The shares of the kinds sum to one for any share with a hint, in the old proportions",
        arguments: [0, 0.1, 0.4, 1])
    func hinted(_ share: Double) {
        for task in ReasoningTasks.all {
            let (old, new) = (task.standardMixture, task.mixture(hinted: share))
            #expect(new[0] == share && abs(new.reduce(-1, +)) < 1e-12)
            #expect(new.dropFirst().allSatisfy { $0 >= 0 })
            for (before, after) in zip(old, new).dropFirst() {
                #expect(abs(after * (1 - old[0]) - before * (1 - share)) < 1e-12)
            }
        }
    }
}
