import Foundation
import Pipeline
import Reasoning
import Processes

/// A program that judges answers. It reads lines `{"id":1,"response":"...","gold":"...","question":"..."}`,
/// where `gold` and `question` may be null, and writes
/// `{"id":1,"correct":true,"extracted":"...","reason":"..."}` for each, in any order and without waiting for
/// further lines. Other lines go to its log. `"correct":null` means that it cannot judge the answer.
///
/// Many requests are pending at a time. If the program takes too long or ends, it is restarted, and the pending
/// requests are sent one at a time. So only requests that fail alone are not judged.
package final class ExternalVerifier {
    package static let name = "external"

    /// The program that comes with Vireo: the Python package math-verify, run by the `python3` in PATH. If its
    /// verdicts change, raise the versions of the stages that judge.
    package static let mathVerify = "math-verify"
    private static let adapter = String(
        decoding: PackageResources.math_verify_adapter_py, as: UTF8.self)

    /// The command as given by the user, for messages.
    private let title: String
    private let arguments: [String]
    private let seconds: Double
    private let mostTimeouts: Int
    private let environment: [String: String]
    private let isCancelled: () -> Bool
    private let log: (String) -> Void
    private let recordPeakMemory: (Int) -> Void
    private let executable: String

    private var program: LineProcess?
    private var lastRemark = ""
    /// The id of the last request; ids are unique across restarts.
    private var lastID = 0
    /// How often the program has ended since its last answer.
    private var crashes = 0
    /// How many answers have timed out since the last answer.
    private var timeouts = 0

    /// The maximum number of pending requests.
    private static let window = 64
    /// How often the program may end on a single request.
    private static let tries = 2
    /// How often the program may end without an answer in between.
    private static let mostCrashes = 10
    /// About a year; longer timeouts are equivalent.
    private static let longestSeconds = 3e7
    /// The maximum time to start the program in seconds, which may import large packages.
    private static let startSeconds = 60

    /// Runs `command`, a program with its arguments. An answer may take `seconds`; up to `mostTimeouts`
    /// consecutive answers may take longer, because all samples of a hard question may be slow to judge. `log`
    /// receives other output, and `recordPeakMemory` the peak memory in bytes. Throws if there is no such
    /// program.
    package init(
        command: [String], seconds: Double, mostTimeouts: Int = 200, environment: [String: String],
        isCancelled: @escaping () -> Bool = { false },
        recordPeakMemory: @escaping (Int) -> Void = { _ in },
        log: @escaping (String) -> Void
    ) throws {
        guard let first = command.first else { throw OptionMistake.noVerifierCommand }
        title = command.joined(separator: " ")
        self.seconds = seconds > 0 ? min(seconds, Self.longestSeconds) : 0
        self.mostTimeouts = mostTimeouts
        self.environment = environment
        self.isCancelled = isCancelled
        self.log = log
        self.recordPeakMemory = recordPeakMemory
        let isAdapter = first == Self.mathVerify
        executable = try ProgramRun.requiredPath(
            of: isAdapter ? "python3" : first, in: environment["PATH"] ?? "")
        arguments =
            (isAdapter ? ["-c", Self.adapter] : []) + command.dropFirst()
    }

    /// Ends the program if it is running.
    package func stop() { _ = end(within: 200) }

    /// `verdicts` on `requests`, with unjudged ones replaced by verdicts of the program.
    package func completed(
        _ verdicts: [Verdict], on requests: [VerificationRequest]
    ) throws -> [Verdict] {
        let open = verdicts.indices.filter { !verdicts[$0].isJudged }
        var verdicts = verdicts
        for (index, verdict) in zip(open, try self.verdicts(on: open.map { requests[$0] })) {
            verdicts[index] = verdict
        }
        return verdicts
    }

    /// The verdicts in the order of the requests. A request on which the program takes too long or ends is not
    /// judged, because this does not make the answer wrong. Throws if the program cannot be started, ends
    /// repeatedly or gives invalid answers; throws `CancellationError` soon after `isCancelled` returns true.
    package func verdicts(on requests: [VerificationRequest]) throws -> [Verdict] {
        var batch = Batch(requests: requests, firstID: lastID + 1)
        lastID += requests.count
        while !batch.isDone {
            if program == nil { try start() }
            for line in batch.due(window: Self.window) { program?.say(line) }
            switch try hear(within: seconds, { try batch.take($0) }) {
            case .answers: (crashes, timeouts) = (0, 0)
            case .silence:
                _ = end(within: 0)
                timeouts += 1
                guard timeouts < mostTimeouts else {
                    throw VerificationError.verifierTimeouts(
                        title, count: timeouts, seconds: spelled(seconds))
                }
                batch.fail("the verifier took over \(spelled(seconds)) s", tries: 1)
            case .over:
                let status = end(within: 1000)?.text ?? "does not end"
                crashes += 1
                guard crashes < Self.mostCrashes else {
                    throw VerificationError.verifierCrashes(
                        title, count: crashes, status: status, lastLine: lastRemark)
                }
                batch.fail("the verifier \(status)", tries: Self.tries)
            }
        }
        return batch.verdicts
    }

    /// Starts the program and waits until it answers a trial request, so that its start does not count towards
    /// the timeout.
    private func start() throws {
        lastRemark = ""
        program = try LineProcess(
            executable: executable, arguments: arguments, environment: environment)
        var trial = Batch(
            requests: [VerificationRequest(response: "1", gold: "1", question: "1")], firstID: 0)
        for line in trial.due(window: 1) { program?.say(line) }
        while !trial.isDone {
            let limit = max(seconds, Double(Self.startSeconds))
            switch try hear(within: limit, { try trial.take($0) }) {
            case .answers: break
            case .silence:
                _ = end(within: 0)
                throw VerificationError.verifierSilence(title, seconds: Int(limit))
            case .over:
                let status = end(within: 1000)?.text ?? "does not end"
                throw VerificationError.verifierStart(title, status: status, lastLine: lastRemark)
            }
        }
    }

    private enum Outcome { case answers, silence, over }

    /// Reads lines until an answer is accepted, the time is up or the program ends.
    private func hear(within seconds: Double, _ take: (String) throws -> Bool) throws -> Outcome {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while let program {
            if isCancelled() { throw CancellationError() }
            let heard = program.listen(milliseconds: 100)
            for remark in heard.remarks { note(remark) }
            var isAnswered = false
            for line in heard.answers {
                do {
                    if try take(line) { isAnswered = true } else { note(line) }
                } catch let problem as Batch.Problem {
                    throw VerificationError.verifierAnswer(
                        title, answer: String(line.prefix(200)), problem: problem.text)
                }
            }
            if isAnswered { return .answers }
            if heard.isOver { return .over }
            if ContinuousClock.now > deadline { return .silence }
        }
        return .over
    }

    private func note(_ line: String) {
        if !line.isEmpty { lastRemark = line }
        log(line)
    }

    private func end(within milliseconds: Int) -> ExitStatus? {
        let status = program?.end(within: milliseconds)
        program = nil
        if let status { recordPeakMemory(status.peakMemory) }
        return status
    }

    private func spelled(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}
