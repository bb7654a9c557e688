import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

@Suite("Presets of data sets", .timeLimit(.minutes(10)))
struct PresetTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static func paths(_ names: [String]) -> JSONValue {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/datasets").path
        return .array(names.map { .string("\(fixtures)/\($0)") })
    }

    private func ingest(
        _ kind: String, _ preset: String, _ files: [String], test: [String] = [],
        _ options: [String: JSONValue] = [:]
    ) async throws -> [Question] {
        let given: [String: JSONValue] = [
            "preset": .string(preset), "files": Self.paths(files), "test_files": Self.paths(test),
        ]
        try await bench.run(
            kind, as: "i", given.merging(options) { $1 })
        return try bench.read(Question.self, "i/questions/questions.jsonl")
    }

    private func examples() throws -> [Example] {
        try bench.read(Example.self, "i/demonstrations/examples.jsonl")
    }

    @Test("GSM8K")
    func gsm8k() async throws {
        let questions = try await ingest(
            "ingest.jsonl", "gsm8k", ["gsm8k/train.jsonl"], test: ["gsm8k/test.jsonl"])
        #expect(questions.map(\.answer) == ["24", "1,050", "27"])
        #expect(questions.map(\.split) == ["train", "train", "test"])
        #expect(questions.allSatisfy { $0.task == "numeric" && $0.source == "gsm8k" })
        #expect(
            try examples().map(\.trace) == [
                "Ana packs 6*4 = <<6*4=24>>24 jars.",
                "There are 1200-150 = <<1200-150=1050>>1050 lamps left.",
            ])
        #expect(try examples().map(\.answer) == ["24", "1,050"])
        // The posterior sees the whole solution.
        #expect(
            questions[0].hint == "Ana packs 6*4 = <<6*4=24>>24 jars.\n#### 24")
        #expect(try examples().map(\.hint) == questions.prefix(2).map(\.hint))
        let plain = try await ingest(
            "ingest.jsonl", "gsm8k", ["gsm8k/train.jsonl"], ["hint": .string("")])
        #expect(plain.map(\.hint) == [nil, nil])
        #expect(plain.map(\.id) == questions.prefix(2).map(\.id))
    }

    @Test("MATH")
    func math() async throws {
        let questions = try await ingest(
            "ingest.json", "math",
            ["math/train/algebra/1.json", "math/train/geometry/2.json"],
            test: ["math/test/algebra/7.json"])
        #expect(questions.map(\.answer) == ["3", #"\frac{3}{2}"#, "5"])
        #expect(questions.map(\.level) == [1, nil, 2])
        #expect(questions.map(\.split) == ["train", "train", "test"])
        #expect(questions.allSatisfy { $0.task == "boxed" && $0.source == "math" })
        #expect(
            try examples().first?.trace
                == #"The slope is the factor of $x$, so it is $\boxed{3}$."#)
        // Answers that the verifier finds.
        #expect(try examples().map(\.answer) == [#"\boxed{3}"#, #"\boxed{\frac{3}{2}}"#])
        #expect(
            questions[0].hint == #"The slope is the factor of $x$, so it is $\boxed{3}$."#)
    }

    @Test("AIME, of which one year may be taken")
    func aime() async throws {
        let all = try await ingest("ingest.jsonl", "aime", ["aime/aime.jsonl"])
        #expect(all.map(\.answer) == ["10", "43"])
        #expect(all.allSatisfy { $0.task == "boxed" && $0.split == "test" && $0.source == "aime" })
        #expect(try examples() == [])
        let year = try await ingest(
            "ingest.jsonl", "aime", ["aime/aime.jsonl"],
            ["where": .array([.string("url=*2024*")]), "source": .string("aime24")])
        #expect(year.map(\.answer) == ["43"])
        #expect(year.map(\.source) == ["aime24"])
    }

    @Test("A problem of AIME without an answer is left out")
    func unanswered() async throws {
        let lines = [
            #"{"id":0,"problem":"One?","solution":"","answer":"1","url":"u"}"#,
            #"{"id":1,"problem":"Two?","solution":"","answer":null,"url":"u"}"#,
        ]
        try bench.write(lines, to: "a.jsonl")
        try await bench.run(
            "ingest.jsonl", as: "i",
            ["preset": .string("aime"), "files": .array([.string(bench.directory + "/a.jsonl")])])
        let kept = try bench.read(Question.self, "i/questions/questions.jsonl")
        #expect(kept.map(\.text) == ["One?"])
        let left = try bench.read(ExcludedQuestion.self, "i/questions/exclusions.jsonl")
        #expect(left.map(\.reason) == ["files[0]:2: the field 'answer' has no text"])
    }

    @Test("Of OlympiadBench only problems with one answer may be taken")
    func oneAnswer() async throws {
        let questions = try await ingest(
            "ingest.json", "olympiadbench", ["olympiadbench/OE_TO_maths_en_COMP.json"],
            ["where": .array([.string("is_multiple_answer=false")])])
        #expect(questions.map(\.answer) == ["3"])
    }

    @Test("AMC, whose answers are numbers")
    func amc() async throws {
        let questions = try await ingest("ingest.jsonl", "amc", ["amc/amc.jsonl"])
        #expect(questions.map(\.answer) == ["142", "13.5"])
        #expect(questions.allSatisfy { $0.task == "boxed" && $0.split == "test" })
    }

    @Test("OlympiadBench")
    func olympiadbench() async throws {
        let questions = try await ingest(
            "ingest.json", "olympiadbench", ["olympiadbench/OE_TO_maths_en_COMP.json"])
        #expect(
            questions.map(\.text) == [
                "Find all real $x$ with $x^2 = 4$.",
                "Call a number round if it ends in 0.\n\nHow many round numbers lie between 1 and 35?",
            ])
        #expect(questions.map(\.answer) == ["$2$, $-2$", "3"])
        #expect(questions.allSatisfy { $0.task == "boxed" && $0.split == "test" })
    }

    @Test("GPQA")
    func gpqa() async throws {
        let questions = try await ingest("ingest.csv", "gpqa", ["gpqa/gpqa_diamond.csv"])
        #expect(questions.map { $0.id.prefix(12) } == ["recMade0001-", "recMade0002-"])
        // Another seed makes other questions of the same records, which must not pass for the same.
        let others = try await ingest(
            "ingest.csv", "gpqa", ["gpqa/gpqa_diamond.csv"], ["seed": .integer(1)])
        for (one, other) in zip(questions, others) {
            #expect((one.id == other.id) == (one.text == other.text))
        }
        #expect(questions.map(\.text) != others.map(\.text))
        for (question, right) in zip(questions, ["neon", "neutron"]) {
            let letter = try #require(question.answer)
            #expect(question.text.split(separator: "\n").contains("(\(letter)) \(right)"))
        }
        let stem = "Which of these is a noble gas?\nThink of the \"last\" column.\n\n"
        #expect(questions[0].text.hasPrefix(stem))
        let options = questions[0].text.dropFirst(stem.count).split(separator: "\n")
        #expect(Set(options.map { $0.dropFirst(4) }) == ["neon", "iron", "carbon", "sodium"])
        #expect(questions.allSatisfy { $0.task == "choice" && $0.split == "test" })
    }

    @Test("MMLU-Pro")
    func mmluPro() async throws {
        let questions = try await ingest("ingest.jsonl", "mmlu-pro", ["mmlu-pro/test.jsonl"])
        #expect(
            questions.map(\.text) == [
                "Which number is prime?\n\n(A) 4\n(B) 6\n(C) 7\n(D) 9\n(E) 10",
                "Which word names a colour?\n\n(A) chair\n(B) green",
            ])
        #expect(questions.map(\.answer) == ["C", "B"])
        #expect(questions.allSatisfy { $0.task == "choice" && $0.source == "mmlu-pro" })
    }

    @Test(
        "Bespoke-Stratos-17k, as published and as the authors read it",
        arguments: ["bespoke-stratos", "bespoke-stratos-reformatted"])
    func bespokeStratos(preset: String) async throws {
        let questions = try await ingest("ingest.jsonl", preset, ["\(preset)/train.jsonl"])
        let answers = [#"The difference is \boxed{5}."#, "```python\nprint()\n```"]
        #expect(questions.map(\.answer) == answers)
        #expect(questions.allSatisfy { $0.task == "boxed" && $0.source == preset })
        let examples = try examples()
        #expect(
            examples.map(\.trace) == [
                "8 minus 3: from 8 down three steps is 5. Yes, 5.", "print does that.",
            ])
        #expect(examples.map(\.answer) == answers)
        #expect(examples.map(\.question) == questions.map(\.id))
    }

    @Test("LiveCodeBench")
    func liveCodeBench() async throws {
        let questions = try await ingest(
            "ingest.jsonl", "livecodebench", ["livecodebench/test.jsonl"])
        #expect(
            questions.map(\.answer) == [
                #"{"tests":[{"input":"2\n","output":"4\n"},{"input":"-1\n","output":"-2\n"}]}"#,
                #"{"function":"total","tests":[{"input":"[1, 2]","output":"3"}]}"#,
            ])
        #expect(questions[0].text == "Print twice the number.")
        #expect(
            questions[1].text
                == "Return the sum.\n\nUse this starter code:\n\n```python\nclass Solution:\n    def total(self, numbers: List[int]) -> int:\n```"
        )
        #expect(questions.map { $0.id.dropLast(12) } == ["abc000_a-", "9001-"])
        #expect(questions.allSatisfy { $0.task == "code" && $0.split == "test" })
        let easy = try await ingest(
            "ingest.jsonl", "livecodebench", ["livecodebench/test.jsonl"],
            [
                "where": .array([.string("difficulty=easy")]), "starter_code": .string(""),
                "tests": .array([.string("public_test_cases")]),
            ])
        #expect(easy.map(\.answer) == [#"{"tests":[{"input":"2\n","output":"4\n"}]}"#])
        #expect(easy.map(\.source) == ["livecodebench"])
    }

    @Test("APPS and TACO")
    func apps() async throws {
        let questions = try await ingest("ingest.jsonl", "apps", ["apps/train.jsonl"])
        #expect(
            questions.map(\.answer) == [
                #"{"tests":[{"input":"1\n","output":"1\n"},{"input":"2\n","output":"2\n"}]}"#,
                #"{"function":"first","tests":[{"input":"\"ab\"","output":"[\"a\"]\n\"a\""}]}"#,
            ])
        #expect(questions.allSatisfy { $0.task == "code" && $0.split == "train" })
        let left = try bench.read(ExcludedQuestion.self, "i/questions/exclusions.jsonl")
        #expect(left.map(\.reason) == ["files[0]:3: the field 'input_output' has no tests"])
        let others = try await ingest("ingest.jsonl", "taco", ["taco/train.jsonl"])
        #expect(others.map(\.answer) == [#"{"tests":[{"input":"\n","output":"\n"}]}"#])
    }

    @Test("Tests of programs may be mapped without a preset")
    func mappedTests() async throws {
        try bench.write(
            [#"{"q":"Add.","t":[{"input":"[1]","output":"1"}],"info":{"name":"f"}}"#],
            to: "own.jsonl")
        try await bench.run(
            "ingest.jsonl", as: "i",
            [
                "files": .array([.string(bench.directory + "/own.jsonl")]), "text": .string("q"),
                "tests": .array([.string("t")]), "function": .string("info.name"),
            ])
        let questions = try bench.read(Question.self, "i/questions/questions.jsonl")
        #expect(questions.map(\.task) == ["code"])
        #expect(
            questions.map(\.answer)
                == [#"{"function":"f","tests":[{"input":"[1]","output":"1"}]}"#])
    }

    @Test("What a pipeline says overrules the preset, and an empty text takes back")
    func overruled() async throws {
        let questions = try await ingest(
            "ingest.jsonl", "gsm8k", ["gsm8k/train.jsonl"],
            [
                "solution": .string(""), "answer": .string("answer"), "extract": .string("none"),
                "task": .string("mine"), "split": .string("test"),
            ])
        #expect(
            questions.map(\.answer).first
                == "Ana packs 6*4 = <<6*4=24>>24 jars.\n#### 24")
        #expect(questions.allSatisfy { $0.task == "mine" && $0.split == "test" })
        #expect(try examples() == [])
    }
}
