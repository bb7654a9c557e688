import Execution
import Files
import Foundation
import Glibc
import JSON
import Pipeline
import Stages

/// The checks of `vireo doctor` on the cluster of a profile.
struct ClusterExamination {
    let profile: Profile

    /// The directory of the store, or the one in which there would be one.
    let store: String
    let environment: [String: String]

    /// Whether to run a small job.
    let runsJob: Bool

    func checks() async throws -> [DoctorReport.Check] {
        var checks = [DoctorReport.Check("profile", profile.name, note: profile.system.rawValue)]
        guard profile.hasBatchSystem else { return checks }
        let slurm = Slurm(
            profile: profile, program: "", logs: profile.shared, environment: environment)
        let programs = ["sbatch", "squeue", "scancel", "sacct"].map { name in
            DoctorReport.Check.slurmProgram(name, version: slurm.version(of: name))
        }
        checks += programs
        let isComplete = programs.allSatisfy { $0.problem == nil }
        if isComplete {
            checks += [
                .controller(outage: slurm.outage()),
                .partition(profile, slurm.partitions()),
                .array(profile, limit: slurm.longestArray()),
            ]
        }
        let failure = sharedFailure()
        var job: DoctorReport.Check?
        if runsJob, isComplete, failure == nil { job = .job(try await probe()) }
        checks.append(
            .shared(
                profile.shared, failure: failure, facts: FileSystemFacts(path: profile.shared),
                isWithStore: Self.device(of: profile.shared) == Self.device(of: store),
                isProved: job.map { $0.problem == nil } ?? false))
        return checks + [job].compactMap(\.self)
    }

    /// Why the shared directory cannot be used; `nil` if files can be written there.
    private func sharedFailure() -> String? {
        let path = profile.shared
        var status = stat()
        guard stat(path, &status) == 0 else {
            let parent = FilePath.parent(path)
            guard access(parent, W_OK) == 0 else {
                return "it does not exist: create it on a file system that the nodes see"
            }
            return "it does not exist: `mkdir \(path)`, if the nodes see \(parent)"
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "it is not a directory" }
        guard access(path, W_OK | X_OK) == 0 else {
            return "no files can be written there: \(String(cString: strerror(errno)))"
        }
        return nil
    }

    private static func device(of path: String) -> UInt? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt(status.st_dev) : nil
    }

    /// Runs a job of the kind with the least work.
    private func probe() async throws -> ClusterProbe.Outcome {
        guard let kind = StageRegistry.kinds.first(where: { $0.name == "ingest.countdown" }) else {
            preconditionFailure("there is no stage kind ingest.countdown")
        }
        var options = Dictionary(
            kind.options.map { ($0.name, $0.fallback ?? .null) },
            uniquingKeysWith: { first, _ in first })
        for name in ["train", "demonstrations", "test"] { options[name] = .integer(1) }
        let job = Job(
            kind: kind.name, options: options, inputs: [:], outputs: [:], work: "",
            directory: profile.shared, threads: 1)
        do {
            let settings = try profile.queue(
                store: store, environment: environment, isDetached: false, children: .init())
            return try await ClusterProbe(
                settings, job: job, outputs: kind.outputs.map(\.name)
            ).run()
        } catch {
            return .failed("\(error)")
        }
    }
}
