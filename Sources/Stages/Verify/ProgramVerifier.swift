import Dispatch
import Foundation
import Processes
import Reasoning
import Synchronization

/// Judges programs in Python by running them on the tests of their questions, each test in a sandbox of its own. The
/// expected outputs stay outside of the sandbox.
package struct ProgramVerifier {
    package static let name = ProgramTests.task

    /// If verdicts change, raise the versions of the stages that judge.
    private static let bootstrap = String(
        decoding: PackageResources.program_bootstrap_py, as: UTF8.self)
    /// Isolated from packages of the user, and without writing compiled files.
    private static let command = ["python3", "-s", "-B", "-c", bootstrap]
    /// The first byte of output, which says that the program is about to run.
    private static let mark = UInt8(ascii: "!")
    /// How often a sandbox that was not made is tried.
    private static let tries = 3
    /// The least limit of the output of a program in bytes; an expected output may be half as long as the limit.
    private static let outputLimit = 16 << 20

    private let sandbox: Sandbox
    private let tolerance: Double
    private let runsAllTests: Bool
    private let threads: Int
    private let isCancelled: @Sendable () -> Bool
    private let recordPeakMemory: @Sendable (Int) -> Void

    /// The implementation and version of Python, such as `CPython 3.11.2`.
    package private(set) var interpreter = ""

    /// Numbers may differ from the expected ones by `tolerance`, see `ProgramOutput`. With `runsAllTests`, a failure does
    /// not end the tests of a program. At most `threads` tests run at a time. Throws if no sandbox can be made.
    package init(
        limits: Sandbox.Limits, searchPath: String, tolerance: Double = 0,
        runsAllTests: Bool = false, threads: Int,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        recordPeakMemory: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        do {
            sandbox = try Sandbox(limits: limits, searchPath: searchPath)
        } catch {
            throw VerificationError.sandbox(error)
        }
        self.tolerance = tolerance
        self.runsAllTests = runsAllTests
        self.threads = threads
        self.isCancelled = isCancelled
        self.recordPeakMemory = recordPeakMemory
        let program =
            "import platform; print(platform.python_implementation(), platform.python_version())"
        let run = try run(program, function: nil, input: "", outputLimit: 1 << 10) { false }
        interpreter = String(decoding: run.output.dropFirst(), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The verdicts in the order of the requests. They do not depend on the number of threads. Throws
    /// `RecordProblem.missing` if a request has no reference answer, and an error if a sandbox cannot be made.
    package func verdicts(on requests: [VerificationRequest]) throws -> [Verdict] {
        let found = try requests.map { try ProgramAnswer.found(in: $0) }
        let progress = Mutex(Progress(found, runsAllTests: runsAllTests))
        DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
            while let job = progress.withLock({ $0.next() }) {
                let failure = Result {
                    try self.failure(of: job) { progress.withLock { !$0.needs(job) } }
                }
                progress.withLock { $0.settle(job, failure) }
            }
        }
        return try progress.withLock { try $0.verdicts() }
    }

    /// How the program fails a test; `nil` if it passes it. After `isNeedless` turned true, the result means nothing.
    private func failure(
        of job: Progress.Job, isNeedless: () -> Bool
    ) throws -> ProgramFailure? {
        let (function, test) = (job.answer.tests.function, job.answer.tests.tests[job.test])
        let limit = max(Self.outputLimit, 2 * test.output.utf8.count)
        let run = try run(
            job.answer.program, function: function, input: test.input, outputLimit: limit
        ) { isCancelled() || isNeedless() }
        recordPeakMemory(run.peakMemory)
        switch run.outcome {
        case .cancelled:
            if isCancelled() { throw CancellationError() }
            return nil
        case .late: return .timeLimit(seconds: sandbox.limits.seconds)
        case .longOutput: return .outputLimit(bytes: limit)
        case .ended(.exited(0)):
            let output = ProgramOutput(Array(run.output.dropFirst()))
            return output.problem(in: test, isResult: function != nil, tolerance: tolerance)
                .map { .wrongAnswer(problem: $0) }
        case .ended(let outcome): return failure(outcome, run)
        }
    }

    private func failure(_ outcome: ExitStatus.Outcome, _ run: SandboxRun) -> ProgramFailure {
        var outcome = outcome
        // Bubblewrap reports a signal as 128 and its number.
        if case .exited(let code) = outcome, 129...159 ~= code {
            outcome = .killed(signal: code - 128)
        }
        // The kernel kills at twice the limit. On a busy virtual machine, it counts more time for this than it reports.
        if case .killed(SIGKILL) = outcome, run.cpuSeconds > Double(sandbox.limits.seconds) / 2 {
            return .timeLimit(seconds: sandbox.limits.seconds)
        }
        let lastLine = run.lastLine
        if lastLine.hasPrefix("MemoryError") {
            return .memoryLimit(mebibytes: sandbox.limits.mebibytes)
        }
        guard lastLine.isEmpty else { return .runtimeError(lastLine) }
        let status = ExitStatus(outcome: outcome, cpuSeconds: 0, peakMemory: 0)
        return .runtimeError("the program \(status.text)")
    }

    /// Runs a program in a sandbox. Its output begins with the mark.
    private func run(
        _ program: String, function: String?, input: String, outputLimit: Int,
        isCancelled: () -> Bool
    ) throws -> SandboxRun {
        let header = "\(program.utf8.count) \(function ?? "")\n"
        var lastLine = ""
        for _ in 0..<Self.tries {
            let run = try SandboxRun(
                Self.command, in: sandbox, input: Array((header + program + input).utf8),
                outputLimit: outputLimit + 1, isCancelled: isCancelled)
            if run.output.first == Self.mark || run.outcome == .cancelled { return run }
            lastLine = run.lastLine.isEmpty ? Self.silence(run.outcome) : run.lastLine
        }
        throw VerificationError.sandbox(.failed(lastLine: lastLine))
    }

    /// How a program ended that did not start and printed nothing.
    private static func silence(_ outcome: SandboxRun.Outcome) -> String {
        guard case .ended(let outcome) = outcome else { return "it did not start in time" }
        return "it " + ExitStatus(outcome: outcome, cpuSeconds: 0, peakMemory: 0).text
    }
}

extension ProgramVerifier {
    /// The tests of many answers, in order.
    fileprivate struct Progress {
        struct Job {
            /// The index of the answer among all.
            let index: Int
            let answer: ProgramAnswer
            let test: Int
        }

        private let found: [Result<ProgramAnswer, ProgramAnswer.Settled>]
        private let runsAllTests: Bool

        /// The answer and the test of the next job.
        private var place = (answer: 0, test: 0)
        private var failures: [[Int: ProgramFailure]]
        private var error: (any Error)?

        init(_ found: [Result<ProgramAnswer, ProgramAnswer.Settled>], runsAllTests: Bool) {
            self.found = found
            self.runsAllTests = runsAllTests
            failures = found.map { _ in [:] }
        }

        /// The next test that is needed; `nil` if there is none.
        mutating func next() -> Job? {
            while error == nil, place.answer < found.count {
                let (index, test) = place
                guard case .success(let answer) = found[index], test < answer.tests.tests.count
                else {
                    place = (index + 1, 0)
                    continue
                }
                place.test += 1
                let job = Job(index: index, answer: answer, test: test)
                if needs(job) { return job }
                place = (index + 1, 0)
            }
            return nil
        }

        /// Whether the result of a test can change a verdict: no earlier test has failed.
        func needs(_ job: Job) -> Bool {
            guard error == nil else { return false }
            return runsAllTests || failures[job.index].keys.allSatisfy { $0 > job.test }
        }

        mutating func settle(_ job: Job, _ result: Result<ProgramFailure?, any Error>) {
            guard needs(job) else { return }
            switch result {
            case .success(let failure): failures[job.index][job.test] = failure
            case .failure(let error): self.error = error
            }
        }

        func verdicts() throws -> [Verdict] {
            if let error { throw error }
            return found.indices.map { index in
                switch found[index] {
                case .failure(let settled): settled.verdict
                case .success(let answer):
                    answer.verdict(failures: failures[index], isCounted: runsAllTests)
                }
            }
        }
    }
}
