import Foundation
import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TestSetTests {
    private static let data = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "data")

    @Test("The shipped test set is what its command generates, byte by byte")
    func regenerated() throws {
        let shipped = try Data(contentsOf: Self.data.appending(path: "countdown-test.jsonl"))
        let lines = try Countdown.testQuestions().map { JSONLines.text(of: $0) + "\n" }
        #expect(Data(lines.joined().utf8) == shipped)
    }

    @Test("The shipped test set has a hundred questions of each level")
    func levels() throws {
        let path = Self.data.appending(path: "countdown-test.jsonl").path
        let questions = try JSONLines.read(Question.self, from: path)
        #expect(questions.count == 400)
        #expect((1...4).allSatisfy { level in questions.count { $0.level == level } == 100 })
        #expect(questions.allSatisfy { $0.split == "test" })
    }

    @Test("The checksum in data/SHA256SUMS and in data/README.md is the test set's")
    func checksum() throws {
        let sums = try String(
            contentsOf: Self.data.appending(path: "SHA256SUMS"), encoding: .utf8)
        let readme = try String(contentsOf: Self.data.appending(path: "README.md"), encoding: .utf8)
        let sum =
            "0e6fcb292de2b73bfffd1f6fd899589a5bd986955a179dbf5b2bb6a3158b7ca2"
        #expect(sums.contains("\(sum)  countdown-test.jsonl\n"))
        #expect(readme.contains(sum))
    }

    @Test("No training set shares a question with the test set", arguments: [0, 1, 77])
    func disjoint(_ seed: Int) throws {
        let test = try Countdown.identities(of: try Countdown.testQuestions())
        let train = try Countdown.questions(
            count: 100, seed: seed, split: "train", excluding: test)
        #expect(try Countdown.identities(of: train).isDisjoint(with: test))
    }

    @Test("Every question is named by its content")
    func identifiers() throws {
        for question in try Countdown.testQuestions() {
            #expect(
                question.id
                    == Question.identifier(
                        task: question.task, text: question.text, answer: question.answer,
                        source: question.source))
        }
    }
}
