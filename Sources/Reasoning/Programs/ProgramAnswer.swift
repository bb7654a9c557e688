/// A program in a response, and the tests that judge it.
package struct ProgramAnswer: Sendable {
    package let program: String
    package let tests: ProgramTests

    package init(program: String, tests: ProgramTests) {
        self.program = program
        self.tests = tests
    }

    /// What is to be judged, or the verdict if nothing is to be run. Throws `RecordProblem.missing` if there is no
    /// reference answer.
    package static func found(
        in request: VerificationRequest
    ) throws(RecordProblem) -> Result<ProgramAnswer, Settled> {
        guard let gold = request.gold else { throw .missing(field: "gold") }
        guard let response = request.response, response.utf8.contains(where: { !$0.isBlank }) else {
            return .failure(Settled(verdict: .noAnswer))
        }
        guard let program = ProgramText.program(in: response) else {
            return .failure(Settled(verdict: .wrong("no code block")))
        }
        do throws(ProgramTestsProblem) {
            return .success(ProgramAnswer(program: program, tests: try ProgramTests(gold)))
        } catch {
            let reason = "the reference answer does not have tests of programs: \(error)"
            return .failure(Settled(verdict: .unjudged(reason)))
        }
    }

    /// A verdict that needs no run.
    package struct Settled: Error {
        package let verdict: Verdict
    }

    /// The verdict after the tests. `failures` are the failed tests, from 0. With `isCounted`, all tests were run, and
    /// the reason says how many passed.
    package func verdict(failures: [Int: ProgramFailure], isCounted: Bool) -> Verdict {
        let program = String(program.trimmed)
        guard let first = failures.min(by: { $0.key < $1.key }) else {
            return Verdict(isCorrect: true, reason: nil, extracted: program)
        }
        let reason = first.value.reason(test: first.key + 1)
        let count = tests.tests.count
        return Verdict(
            isCorrect: false,
            reason: isCounted
                ? "\(count - failures.count) of \(count) tests passed; \(reason)" : reason,
            extracted: program)
    }
}
