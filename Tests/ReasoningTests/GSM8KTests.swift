import Foundation
import Reasoning
import Testing

private let directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("../../../shared/data/gsm8k").path

/// On the 8,792 reference solutions of GSM8K, where they lie beside the project.
@Suite(
    "The numeric verifier on GSM8K",
    .enabled(if: FileManager.default.fileExists(atPath: directory), "there are no GSM8K files"),
    .timeLimit(.minutes(10)))
struct GSM8KTests {
    private struct Problem: Decodable { let answer: String }

    private let solutions: [String]

    init() throws {
        solutions = try ["train", "test"].flatMap {
            try JSONLines.read(Problem.self, from: "\(directory)/\($0).jsonl").map(\.answer)
        }
    }

    /// What stands behind `####`.
    private func number(of solution: String) throws -> Int {
        let mark = try #require(solution.range(of: "#### "))
        return try #require(Int(solution[mark.upperBound...].filter { $0 != "," }))
    }

    @Test("Every solution agrees with itself and with its number")
    func equal() throws {
        #expect(solutions.count == 8_792)
        for solution in solutions {
            let number = "\(try number(of: solution))"
            for gold in [solution, number] {
                let verdict = try Verifier.numeric.verdict(
                    on: .init(response: solution, gold: gold, question: nil))
                #expect(verdict == Verdict(isCorrect: true, reason: nil, extracted: number))
            }
        }
    }

    @Test("No solution agrees with the number above")
    func perturbed() throws {
        for solution in solutions {
            let gold = "#### \(try number(of: solution) + 1)"
            #expect(
                try !Verifier.numeric.verdict(
                    on: .init(response: solution, gold: gold, question: nil)
                ).isCorrect)
        }
    }
}
