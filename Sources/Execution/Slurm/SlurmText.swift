import Foundation
import Pipeline

/// The command lines and the output of Slurm's programs. Text, because their JSON changes with every version and has
/// wrong exit codes in some.
package enum SlurmText {
    /// The format of `squeue`: one line per task.
    package static let queueFormat = "%i|%T|%j|%r"

    /// The arguments of `sbatch` for a submission; the script is read from standard input.
    package static func arguments(_ submission: Submission, _ profile: Profile, log: String)
        -> [String]
    {
        let needs = submission.needs
        let variables = needs.variables.filter { !$0.hasPrefix("SLURM_") }
        var arguments = [
            "--parsable", "--job-name=\(submission.name)", "--requeue", "--open-mode=append",
            "--kill-on-invalid-dep=yes", "--signal=B:TERM@180", "--output=\(log)",
            "--array=0-\(submission.count - 1)" + (profile.concurrentTasks.map { "%\($0)" } ?? ""),
            // Without it, the job gets the whole environment of this process, secrets too.
            "--export=" + (variables.isEmpty ? ["NIL"] : variables).joined(separator: ","),
            "--nodes=\(needs.nodes)", "--ntasks=\(needs.nodes)", "--cpus-per-task=\(needs.cpus)",
        ]
        if let memory = needs.memory {
            arguments.append("--mem=\(max(1, (memory + (1 << 20) - 1) >> 20))M")
        }
        // Stages are stopped at their `time`, and have three minutes to save a checkpoint.
        if let seconds = needs.seconds { arguments.append("--time=\(time(seconds + 180))") }
        if let partition = profile.partition { arguments.append("--partition=\(partition)") }
        if let account = profile.account { arguments.append("--account=\(account)") }
        if needs.gpus > 0 { arguments.append(filled(profile.gpus, needs.gpus)) }
        for (pool, units) in needs.pools.sorted(by: { $0.key < $1.key }) {
            if let template = profile.pools[pool] { arguments.append(filled(template, units)) }
        }
        return arguments + profile.options
    }

    /// Whether a variable of this process reaches the programs of Slurm. Others would change what is submitted or the
    /// format of answers, such as `SBATCH_EXPORT` and `SQUEUE_FORMAT`, or describe the job in which this process runs.
    static func reachesPrograms(_ variable: String) -> Bool {
        if variable.hasPrefix("SLURM_") { return kept.contains(variable) }
        // Versions that do not know `--export=NIL` take it for the name of a variable.
        return variable != "NIL" && !read.contains { variable.hasPrefix($0) }
    }

    /// The variables that say which cluster is asked, and as whom.
    private static let kept: Set = ["SLURM_CLUSTERS", "SLURM_CONF", "SLURM_JWT"]
    private static let read = ["SACCT_", "SBATCH_", "SCANCEL_", "SQUEUE_"]

    /// Whether `--export` can name a variable: `ALL` and others are words of it, names are separated by commas, and `=`
    /// precedes a value.
    static func canExport(_ variable: String) -> Bool {
        let isName = variable.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
        }
        return isName && !variable.isEmpty && !read.contains { variable.hasPrefix($0) }
            && !["ALL", "NIL", "NONE"].contains(variable.uppercased())
    }

    private static func filled(_ template: String, _ units: Int) -> String {
        template.replacing("{units}", with: "\(units)")
    }

    /// Minutes and seconds, rounded up to minutes as Slurm does.
    private static func time(_ seconds: Int) -> String { "\(max(1, (seconds + 59) / 60))" }

    /// The script of a job. It has everything that it needs in it, because it inherits nothing.
    package static func script(_ submission: Submission, _ profile: Profile, program: String)
        -> String
    {
        var lines = ["#!/bin/bash"]
        if !profile.modules.isEmpty || profile.setup != nil {
            lines.append("[ ! -r /etc/profile ] || . /etc/profile")
        }
        lines += profile.modules.map { "module load \(quoted($0)) || exit 1" }
        if let setup = profile.setup { lines.append(setup) }
        lines.append(
            "export PATH=\"${PATH:-/usr/local/bin:/usr/bin:/bin}\" LANG=\"${LANG:-C.UTF-8}\"")
        lines.append("export HOME=\"${HOME:-$(getent passwd \"$(id -u)\" | cut -d: -f6)}\"")
        lines.append(
            "exec \(quoted(program)) worker --tasks \(quoted(submission.list)) "
                + "--index \"$SLURM_ARRAY_TASK_ID\"")
        return lines.joined(separator: "\n") + "\n"
    }

    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// The job id in the output of `sbatch --parsable`, which may name the cluster behind a semicolon.
    package static func job(_ output: String) -> String? {
        let line = output.split(separator: "\n").last ?? ""
        let id = line.prefix { $0 != ";" }
        return !id.isEmpty && id.allSatisfy(\.isNumber) ? String(id) : nil
    }

    /// The meaning of the errors of a failed `sbatch --test-only`.
    package static func verdict(_ errors: String) -> SubmissionVerdict {
        let reason = oneLine(errors)
        let isRefusal =
            !isOpen(errors) && (says(errors, ["allocation failure"]) || isRefusal(errors))
        return isRefusal
            ? .refused(reason) : .open(reason.isEmpty ? "sbatch gave no reason" : reason)
    }

    /// Whether a refusal of a test is one of the present nodes only.
    package static func mayBeTemporary(_ errors: String) -> Bool {
        says(
            errors,
            [
                "Requested node configuration is not available", "Requested nodes are busy",
                "Required node not available", "Required partition not available",
                "Requested partition configuration not available now",
            ])
    }

    /// Whether a node is in a state in which it runs no jobs, given the states that `sinfo` prints.
    package static func lacksNodes(_ states: [String]) -> Bool {
        states.contains { state in
            says(state, ["down", "drain", "fail", "maint", "reboot", "power", "unknown", "*"])
        }
    }

    /// `MaxArraySize` in the lines of `scontrol show config`.
    package static func longestArray(_ lines: [String]) -> Int? {
        let line = lines.first { $0.hasPrefix("MaxArraySize") }
        return line?.split(separator: "=").last
            .flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    }

    /// The lines of a message without its prefixes, joined.
    static func oneLine(_ errors: String) -> String {
        errors.split(separator: "\n").map { line in
            let prefix = ["sbatch: error: ", "sbatch: fatal: ", "sbatch: "].first(
                where: line.hasPrefix)
            return line.dropFirst(prefix?.count ?? 0).trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private static func says(_ errors: String, _ texts: [String]) -> Bool {
        texts.contains { errors.localizedCaseInsensitiveContains($0) }
    }

    /// Whether the errors say that the controller did not answer.
    private static func isOpen(_ errors: String) -> Bool {
        says(
            errors,
            [
                "timed out", "Unable to contact", "Connection refused", "Connection reset",
                "Zero Bytes", "Communication connection failure", "Transport endpoint",
                "Message receive failure", "backup controller in standby", "No route to host",
                "Unexpected message",
            ])
    }

    /// Whether the errors of a failed `sbatch` say that there is no job. Anything else, such as a controller that does
    /// not answer or no message at all, leaves open whether the job was submitted.
    package static func isRefusal(_ errors: String) -> Bool {
        !isOpen(errors)
            && says(
                errors,
                [
                    "Batch job submission failed", "invalid", "unrecognized option",
                    "Unable to open", "requires an argument", "ambiguous", "not permitted",
                    "command not found",
                ])
    }

    /// The tasks in lines `id|state|name`, and the reason behind them if there is one, of `squeue -r` or `sacct -X`.
    /// Lines of other jobs and of whole arrays are skipped.
    package static func tasks(_ output: String, named prefix: String) -> [QueuedTask] {
        output.split(separator: "\n").compactMap { line in
            let fields = line.split(
                separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count >= 3, fields[2].hasPrefix(prefix), let id = id(fields[0]) else {
                return nil
            }
            // `CANCELLED by 1000`
            var state = String(fields[1].prefix { $0 != " " })
            if fields.count == 4, fields[3].hasPrefix("launch failed") { state = launchFailed }
            return QueuedTask(
                id: id, name: String(fields[2]), state: state, phase: phase(of: state),
                reason: fields.count == 4 ? String(fields[3]) : "")
        }
    }

    /// `17_3`, the task 3 of the array 17.
    private static func id(_ text: Substring) -> QueuedTask.ID? {
        let parts = text.split(separator: "_")
        guard parts.count == 2, let index = Int(parts[1]) else { return nil }
        return QueuedTask.ID(job: String(parts[0]), index: index)
    }

    /// States in which the task is, or will again be, in the queue. All others are ends, also those of later versions.
    private static let waiting: Set = [
        "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD",
        "PREEMPTED",
        "CONFIGURING", "POWER_UP_NODE",
    ]
    private static let running: Set = [
        "RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING",
    ]

    /// Our word for a task that Slurm could not launch, and holds until somebody releases it.
    private static let launchFailed = "LAUNCH_FAILED"

    private static func phase(of state: String) -> QueuedTask.Phase {
        if state == launchFailed { return .held }
        return waiting.contains(state) ? .waiting : running.contains(state) ? .running : .ended
    }
}
