import Pipeline
import Processes

/// What is known of a cluster before a run.
extension Slurm {
    /// The version that one of Slurm's programs prints; `nil` if there is no such program.
    package func version(of program: String) -> String? {
        do {
            let answer = try call(program, ["--version"])
            return answer.isSuccess ? answer.output.last : nil
        } catch {
            return nil
        }
    }

    /// Why the controller does not answer a question about the queue; `nil` if it answers.
    package func outage() -> String? {
        do {
            let answer = try call("squeue", ["--noheader", "--me", "--format=%i"])
            if answer.isSuccess { return nil }
            let errors = SlurmText.oneLine(answer.errors.joined(separator: "\n"))
            return errors.isEmpty ? "squeue did not answer" : errors
        } catch {
            return "\(error)"
        }
    }

    /// All partitions; `nil` if `sinfo` does not answer.
    package func partitions() -> [SlurmPartition]? {
        do {
            let answer = try call("sinfo", ["--noheader", "--format=\(SlurmPartition.format)"])
            return answer.isSuccess ? SlurmPartition.all(in: answer.output) : nil
        } catch {
            return nil
        }
    }

    /// The maximum number of tasks of an array, `MaxArraySize`; `nil` if it is not known.
    package func longestArray() -> Int? {
        do {
            let answer = try call("scontrol", ["show", "config"])
            return answer.isSuccess ? SlurmText.longestArray(answer.output) : nil
        } catch {
            return nil
        }
    }
}
