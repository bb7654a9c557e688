import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// What `filter.questions` leaves out, what it says of it, and in which order the rest stands.
@Suite(.timeLimit(.minutes(10)))
struct FilterQuestionsTests {
    private func question(_ id: String, _ text: String? = nil, level: Int = 1) -> String {
        #"{"id":"\#(id)","task":"text","text":"\#(text ?? "text of \(id)")","answer":"7","level":\#(level),"split":"train","source":"here"}"#
    }

    /// `count` rollouts, the first `correct` of them correct.
    private func rollouts(_ question: String, _ correct: Int, of count: Int) -> [String] {
        (0..<count).map {
            #"{"question":"\#(question)","sample":\#($0),"trace":"t","answer":"7","correct":\#($0 < correct),"reason":null,"tokens":3,"finish":"stop","log_prob":-1}"#
        }
    }

    /// The questions that stay, and the exclusions as `question: reason`.
    private func filtered(
        _ questions: [String], _ options: [String: JSONValue], rollouts: [[String]] = [],
        test: [String]? = nil
    ) async throws -> (kept: [String], excluded: [String]) {
        let bench = try Bench()
        try bench.write(questions, to: "questions/questions.jsonl")
        var inputs = ["questions": ["questions"]]
        for (index, lines) in rollouts.enumerated() {
            try bench.write(lines, to: "rollouts\(index)/rollouts.jsonl")
            inputs["rollouts", default: []].append("rollouts\(index)")
        }
        if let test {
            try bench.write(test, to: "test/questions.jsonl")
            inputs["test"] = ["test"]
        }
        try await bench.run("filter.questions", as: "filter", options, in: inputs)
        let excluded = try bench.read(Exclusion.self, "filter/questions/exclusions.jsonl")
        #expect(excluded.allSatisfy { $0.sample == nil })
        return (
            try bench.read(Question.self, "filter/questions/questions.jsonl").map(\.id),
            excluded.map { "\($0.question): \($0.reason)" }
        )
    }

    private func refusal(
        _ options: [String: JSONValue], inputs: [String: [String]] = [:]
    ) async -> String? {
        do {
            try await Bench().run(
                "filter.questions", as: "filter", options,
                in: inputs.merging(["questions": ["nowhere"]]) { first, _ in first })
            return nil
        } catch { return "\(error)" }
    }

    @Test("Questions stay whose correct rollouts are within the window")
    func window() async throws {
        let result = try await filtered(
            ["never", "once", "seven", "eight", "unseen"].map { question($0) },
            ["least_correct": .integer(1), "most_correct": .integer(7)],
            // The rollouts of `seven` come from two stages, those of `other` from elsewhere.
            rollouts: [
                rollouts("never", 0, of: 16) + rollouts("seven", 3, of: 8)
                    + rollouts("other", 1, of: 16),
                rollouts("once", 1, of: 16) + rollouts("eight", 8, of: 16)
                    + rollouts("seven", 4, of: 8),
            ])
        #expect(result.kept == ["once", "seven"])
        #expect(
            result.excluded == [
                "never: 0 of 16 rollouts correct, fewer than 1",
                "eight: 8 of 16 rollouts correct, more than 7", "unseen: no rollouts",
            ])
    }

    @Test(
        "Questions are ordered by their pass rate, equal ones as they came",
        arguments: [
            ("as-is", ["half", "none", "third", "all", "twoOfFour"]),
            ("easy-first", ["all", "half", "twoOfFour", "third", "none"]),
            ("hard-first", ["none", "third", "half", "twoOfFour", "all"]),
        ])
    func order(order: String, ids: [String]) async throws {
        let result = try await filtered(
            ["half", "none", "third", "all", "twoOfFour"].map { question($0) },
            ["order": .string(order)],
            rollouts: [
                rollouts("half", 4, of: 8) + rollouts("none", 0, of: 8)
                    + rollouts("third", 1, of: 3)
                    + rollouts("all", 1, of: 1) + rollouts("twoOfFour", 2, of: 4)
            ])
        #expect(result.kept == ids)
    }

    @Test("An unrated question has no place in an order, but may stay as it is")
    func unrated() async throws {
        let rated = [rollouts("q1", 1, of: 2)]
        let questions = [question("q1"), question("q2")]
        let ordered = try await filtered(
            questions, ["order": .string("hard-first")], rollouts: rated)
        #expect(ordered.kept == ["q1"] && ordered.excluded == ["q2: no rollouts"])
        #expect(try await filtered(questions, [:], rollouts: rated).kept == ["q1", "q2"])
    }

    @Test(
        "Without rollouts there are no pass rates",
        arguments: [
            ["least_correct": .integer(1)], ["most_correct": .integer(1)],
            ["order": .string("easy-first")],
        ] as [[String: JSONValue]])
    func missingRollouts(options: [String: JSONValue]) async {
        #expect(
            await refusal(options)
                == "the input `rollouts` is needed: `least_correct`, `most_correct` and `order` depend on them"
        )
    }

    @Test("A window that is empty is refused")
    func emptyWindow() async {
        #expect(
            await refusal(
                ["least_correct": .integer(8), "most_correct": .integer(7)],
                inputs: ["rollouts": ["nowhere"]])
                == "`least_correct` is 8, but `most_correct` is 7: no count satisfies both")
    }

    @Test(
        "A question that shares words in a row with a test question is left out, and they are named",
        arguments: [
            (
                "We see THE quick, brown fox jump.",
                "words of the test question t1: the quick brown fox"
            ),
            ("fox: jumps over a dog", "words of the test question t1: fox jumps over a"),
            // Of t1 too, which is first.
            ("jumps over a dog", "words of the test question t1: jumps over a dog"),
            ("the quick brown", nil), ("the quick red fox", nil), ("thequick brown fox jumps", nil),
            ("Größe: ÜBER alle Maße!", "words of the test question t5: größe über alle maße"),
            // A shorter question is found whole, one of a single word only alone.
            ("Two, words!", "words of the test question t3: two words"),
            ("In two words: more", "words of the test question t3: two words"),
            ("two more words and more", nil), ("?", nil),
            ("Solve!", "words of the test question t6: solve"), ("solve it", nil),
            ("求出所有的素数是多少", "words of the test question t7: 所 有 的 素"),
            ("所有 的素", "words of the test question t7: 所 有 的 素"), ("所有的和", nil),
            ("Ｔｗｏ　ｗｏｒｄｓ, too", "words of the test question t3: two words"),
            ("a sum of 12 and 34", "words of the test question t8: 12 and 34"),
        ] as [(String, String?)])
    func overlap(text: String, reason: String?) async throws {
        let result = try await filtered(
            [question("q1", text), question("q2", "something else")], ["ngram": .integer(4)],
            test: [
                question("t1", "The quick brown fox jumps over a dog"),
                question("t2", "It jumps over a dog"), question("t3", "two words"),
                question("t4", "!"), question("t5", "größe über alle maße"),
                question("t6", "Solve."), question("t7", "所有的素数"), question("t8", "１２ and ３４"),
            ])
        #expect(result.excluded == (reason.map { ["q1: \($0)"] } ?? []))
        #expect(result.kept == (reason == nil ? ["q1", "q2"] : ["q2"]))
    }

    @Test("Test questions and `ngram` need each other")
    func halfDecontamination() async {
        #expect(
            await refusal(["ngram": .integer(8)])
                == "the input `test` is needed: `ngram` compares with its questions; set `ngram: null`"
        )
        #expect(
            await refusal([:], inputs: ["test": ["nowhere"]])
                == "the input `test` is used only with `ngram`: set `ngram`, or leave the input out"
        )
    }

    @Test("The same text is a duplicate, case and blanks aside, but not another sign")
    func duplicates() async throws {
        let questions = [
            question("q1", "What is 2 + 3?"), question("q2", #"what  is\n2 + 3? "#),
            question("q3", "What is 2 - 3?"),
        ]
        let dropped = try await filtered(questions, [:])
        #expect(dropped.kept == ["q1", "q3"] && dropped.excluded == ["q2: duplicate"])
        let kept = try await filtered(questions, ["duplicates": .string("keep")])
        #expect(kept.kept == ["q1", "q2", "q3"])
    }

    @Test(
        "A condition sees every column of a question",
        arguments: [
            ("id = 'q2'", ["q2"]), ("text LIKE '%q1'", ["q1"]), ("answer = 7", ["q1", "q2"]),
            ("level >= 2", ["q2"]), ("source = 'here'", ["q1", "q2"]),
            ("split = 'train' AND task = 'text'", ["q1", "q2"]),
            ("rollouts = 3 AND correct = 2", ["q1"]), ("rollouts = 0 AND correct = 0", ["q2"]),
        ])
    func condition(expression: String, kept: [String]) async throws {
        let result = try await filtered(
            [question("q1"), question("q2", level: 2)], ["where": .string(expression)],
            rollouts: [rollouts("q1", 2, of: 3)])
        #expect(result.kept == kept)
        #expect(
            result.excluded
                == ["q1", "q2"].filter { !kept.contains($0) }.map { "\($0): where: \(expression)" })
    }

    @Test("Without rollouts a condition cannot see them")
    func conditionWithoutRollouts() async {
        #expect(
            await refusal(["where": .string("correct > 1")])
                == "`where` cannot be used: no such column: correct; the columns are id, text, answer, level, source, split, task"
        )
    }

    @Test("The first reason counts, and a duplicate is one of a question that stays")
    func firstReason() async throws {
        let result = try await filtered(
            [
                question("q1", "same words here"), question("q2", "same words here"),
                question("q3", "same words here", level: 2), question("q4", "plain", level: 2),
                question("q5", "plain"), question("q6", "plain"), question("q7", "Plain"),
            ],
            [
                "most_correct": .integer(1), "ngram": .integer(3), "where": .string("level = 1"),
            ],
            rollouts: [
                rollouts("q2", 2, of: 2)
                    + ["q3", "q4", "q5", "q6", "q7"].flatMap { rollouts($0, 1, of: 2) }
            ], test: [question("t1", "same words here")])
        #expect(result.kept == ["q5"])
        #expect(
            result.excluded == [
                "q1: no rollouts", "q2: 2 of 2 rollouts correct, more than 1",
                "q3: words of the test question t1: same words here", "q4: where: level = 1",
                "q6: duplicate", "q7: duplicate",
            ])
    }

    @Test("Where no question stays, the stage says so")
    func nothing() async {
        await #expect {
            try await filtered([question("q1")], ["where": .string("0")])
        } throws: { error in
            "\(error)"
                == "the input `questions` has no question to keep: nothing is left to work on"
        }
    }
}
