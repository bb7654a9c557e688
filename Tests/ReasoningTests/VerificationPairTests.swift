import Foundation
import Reasoning
import Testing

/// The pairs of Tests/Fixtures/verification/pairs.jsonl.
@Suite("Pairs of responses and reference answers", .timeLimit(.minutes(10)))
struct VerificationPairTests {
    struct Pair: Decodable {
        let verifier: String
        let kind: String
        let response: String
        let gold: String
        let correct: Bool
    }

    private static func pairs() throws -> [Pair] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/verification/pairs.jsonl")
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Pair.self, from: Data($0.utf8))
        }
    }

    @Test("Every pair has the verdict that stands beside it")
    func verdicts() throws {
        for pair in try Self.pairs() {
            let verifier = try #require(Verifier(rawValue: pair.verifier))
            let verdict = try verifier.verdict(
                on: .init(response: pair.response, gold: pair.gold, question: nil))
            #expect(
                verdict.isCorrect == pair.correct,
                "\(pair.kind): \(pair.response) and \(pair.gold): \(verdict)")
        }
    }

    @Test("A reference answer in a box is equal to itself")
    func reflexive() throws {
        for pair in try Self.pairs() where pair.verifier == "boxed" {
            let verdict = try Verifier.boxed.verdict(
                on: .init(response: "\\boxed{\(pair.gold)}", gold: pair.gold, question: nil))
            #expect(verdict.isCorrect, "\(pair.gold): \(verdict)")
        }
    }
}
