import Foundation
import Reasoning
import Stages
import Testing

/// `command: math-verify` with the pairs of Tests/Fixtures/verification/external.jsonl.
@Suite("The adapter for math-verify", .timeLimit(.minutes(10)))
struct MathVerifyAdapterTests {
    private struct Pair: Decodable {
        let kind: String
        let response: String
        let gold: String
        let correct: Bool
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let python =
        ProcessInfo.processInfo.environment["MATH_VERIFY_PYTHON"] ?? "python3"

    private static func hasMathVerify() throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", "import math_verify"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test(
        "Its verdicts are those that stand beside the pairs",
        .enabled("needs math-verify for MATH_VERIFY_PYTHON or python3") { try hasMathVerify() })
    func verdicts() throws {
        let path = Self.root.appendingPathComponent("Tests/Fixtures/verification/external.jsonl")
        let pairs = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Pair.self, from: Data($0.utf8))
        }
        var environment = ProcessInfo.processInfo.environment
        let directory = (Self.python as NSString).deletingLastPathComponent
        if !directory.isEmpty {
            environment["PATH"] = directory + ":" + (environment["PATH"] ?? "")
        }
        let verifier = try ExternalVerifier(
            command: ["math-verify"], seconds: 120, environment: environment
        ) { _ in }
        defer { verifier.stop() }
        let verdicts = try verifier.verdicts(
            on: pairs.map { .init(response: $0.response, gold: $0.gold, question: nil) })
        for (pair, verdict) in zip(pairs, verdicts) {
            #expect(
                verdict.isCorrect == pair.correct,
                "\(pair.kind): \(pair.response) and \(pair.gold): \(verdict)")
        }
    }
}
