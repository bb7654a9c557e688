import Foundation
import Pipeline
import Processes

/// Slurm, through its programs. None of their exit codes is believed: a `sbatch` that fails may have submitted the job.
package struct Slurm: BatchSystem {
    let profile: Profile

    /// The path of the program on the nodes.
    let program: String

    /// The directory of the output of jobs.
    let logs: String

    /// The part of the environment of this process that the programs of Slurm get. Values of variables that jobs get
    /// are taken from it.
    package let environment: [String: String]

    private let children: ChildRegistry

    /// `children` knows the processes that it starts.
    package init(
        profile: Profile, program: String, logs: String, environment: [String: String],
        children: ChildRegistry = ChildRegistry()
    ) {
        self.children = children
        self.profile = profile
        self.program = program
        self.logs = logs
        self.environment = environment.filter { SlurmText.reachesPrograms($0.key) }
    }

    /// The first program of Slurm without which no stage can be submitted, and that is not in `PATH`.
    package static func missingProgram(in environment: [String: String]) -> String? {
        ["sbatch", "squeue", "scancel"].first {
            ProgramRun.path(of: $0, in: environment["PATH"] ?? "") == nil
        }
    }

    /// The system for questions about jobs of earlier runs; `nil` if its programs are not in `PATH`.
    package init?(environment: [String: String], children: ChildRegistry) {
        guard Self.missingProgram(in: environment) == nil else { return nil }
        self.init(
            profile: Profile(name: "slurm", system: .slurm), program: "", logs: "",
            environment: environment, children: children)
    }

    /// The time limit of a call. The programs themselves wait up to 100 seconds for a controller.
    private static let patience = Duration.seconds(30)

    package func test(_ needs: TaskNeeds, count: Int) async -> SubmissionVerdict {
        let submission = Submission(name: "vireo-test", list: "", count: count, needs: needs)
        let arguments = SlurmText.arguments(submission, profile, log: "\(logs)/test-%a.txt")
        do {
            let answer = try call("sbatch", arguments + ["--test-only", "--wrap=true"])
            if answer.isSuccess { return .accepted }
            let errors = answer.errors.joined(separator: "\n")
            if answer.outcome == .late { return .open("sbatch did not answer") }
            let verdict = SlurmText.verdict(errors)
            if case .refused = verdict, SlurmText.mayBeTemporary(errors), lacksNodes() {
                return .open(SlurmText.oneLine(errors) + ", and some nodes are down or drained")
            }
            return verdict
        } catch {
            return .refused("\(error)")
        }
    }

    /// Whether some nodes of the partition cannot be used now, or may be: Slurm refuses a test that no present node
    /// can run, although it would accept the submission.
    private func lacksNodes() -> Bool {
        let partition = profile.partition.map { ["--partition=\($0)"] } ?? []
        do {
            let answer = try call("sinfo", ["--noheader", "--format=%T"] + partition)
            return !answer.isSuccess || SlurmText.lacksNodes(answer.output)
        } catch {
            return true
        }
    }

    package func submit(_ submission: Submission) async -> SubmissionAnswer {
        let log = "\(logs)/\(submission.name)-%a.txt"
        let script = submission.list + ".sh"
        do {
            try SlurmText.script(submission, profile, program: program)
                .write(toFile: script, atomically: true, encoding: .utf8)
            let answer = try call(
                "sbatch", SlurmText.arguments(submission, profile, log: log) + [script])
            if answer.isSuccess, let job = SlurmText.job(answer.outputText) {
                return .submitted(job)
            }
            let errors = answer.errors.joined(separator: "\n")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            if answer.outcome == .late || !SlurmText.isRefusal(errors) || answer.isSuccess {
                return .unknown(errors.isEmpty ? "sbatch did not answer" : errors)
            }
            return .refused(errors)
        } catch {
            return .refused("\(error)")
        }
    }

    package func canPass(_ variable: String) -> Bool { SlurmText.canExport(variable) }

    package func tasks(named prefix: String) async -> [QueuedTask]? {
        let arguments = [
            "--noheader", "--array", "--states=all", "--me", "--format=\(SlurmText.queueFormat)",
        ]
        guard let answer = try? call("squeue", arguments), answer.isSuccess else {
            return nil
        }
        return SlurmText.tasks(answer.outputText, named: prefix)
    }

    package func endedTasks(of name: String) async -> [QueuedTask] {
        let arguments = [
            "--allocations", "--parsable2", "--noheader", "--array", "--name=\(name)",
            "--starttime=now-30days",
            "--format=JobID,State,JobName%200",
        ]
        guard let answer = try? call("sacct", arguments), answer.isSuccess else { return [] }
        return SlurmText.tasks(answer.outputText, named: name).filter { $0.phase == .ended }
    }

    package func cancel(_ tasks: [QueuedTask.ID]) async -> Bool {
        var isAnswered = true
        for (job, tasks) in Dictionary(grouping: tasks, by: \.job) {
            let indices = tasks.map { "\($0.index)" }.joined(separator: ",")
            do {
                let answer = try call("scancel", ["--quiet", "\(job)_[\(indices)]"])
                isAnswered = isAnswered && answer.isSuccess
            } catch {
                isAnswered = false
            }
        }
        return isAnswered
    }

    /// Blocks the thread. A call also works in a cancelled task, so that a stopped run can cancel its jobs.
    func call(_ name: String, _ arguments: [String]) throws(SpawnError) -> ProgramRun {
        let path = try ProgramRun.requiredPath(of: name, in: environment["PATH"] ?? "")
        return try ProgramRun(
            path, arguments, environment: environment, limit: Self.patience, endsWithTask: false,
            in: children)
    }
}
