import Foundation
import JSON
import Processes
import Reasoning
import Stages
import Testing

/// Programs that are judged in sandboxes, where this machine permits them.
enum ProgramSample {
    static let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    /// Why no sandbox can be made here; `nil` if one can. Under a container without user namespaces, or without
    /// bubblewrap, the tests of programs are skipped and say so.
    static let problem: String? = {
        do {
            _ = try verifier()
            return nil
        } catch {
            return "\(error)"
        }
    }()

    static let isPossible = {
        if let problem { print("Tests of programs in sandboxes are skipped: \(problem)") }
        return problem == nil
    }()

    static func verifier(
        seconds: Int = 20, mebibytes: Int = 512, runsAllTests: Bool = false, threads: Int = 2
    ) throws -> ProgramVerifier {
        try ProgramVerifier(
            limits: .init(seconds: seconds, mebibytes: mebibytes), searchPath: searchPath,
            runsAllTests: runsAllTests, threads: threads)
    }

    static func request(_ program: String, _ tests: ProgramTests) -> VerificationRequest {
        VerificationRequest(
            response: "So:\n\n```python\n\(program)\n```\n", gold: tests.text, question: nil)
    }

    static func tests(
        _ pairs: (String, String)..., function: String? = nil
    ) throws -> ProgramTests {
        try ProgramTests(
            function: function, tests: pairs.map { .init(input: $0.0, output: $0.1) })
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips tests where no sandbox can be made.
    static var inSandbox: Self {
        .enabled(if: ProgramSample.isPossible, "programs run in a sandbox of bubblewrap")
    }
}
