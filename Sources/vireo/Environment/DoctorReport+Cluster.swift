import Execution
import Foundation
import Pipeline
import Report

extension DoctorReport.Check {
    /// A program of Slurm, and the version that it prints; `nil` if it was not found.
    package static func slurmProgram(_ name: String, version: String?) -> Self {
        let isOptional = name == "sacct"
        return Self(
            name, version ?? "not found",
            problem: version == nil && !isOptional
                ? "it is not in PATH: install the programs of Slurm, or log in to a node that has them"
                : nil,
            note: version == nil ? "optional; it says how tasks ended that left the queue" : nil)
    }

    /// Whether the controller answers; `outage` is the reason why it does not.
    package static func controller(outage: String?) -> Self {
        Self(
            "controller", outage == nil ? "answers" : "does not answer",
            problem: outage.map { "\($0): ask the operators of the cluster, or wait" })
    }

    /// The partition of the profile, or the default one, and whether stages without `resources` fit into it.
    /// `partitions` is `nil` if Slurm did not list them.
    package static func partition(_ profile: Profile, _ partitions: [SlurmPartition]?) -> Self {
        guard let partitions else {
            return Self("partition", profile.partition ?? "the default one", note: "not known")
        }
        let wanted = partitions.first { partition in
            profile.partition.map { $0 == partition.name } ?? partition.isDefault
        }
        guard let wanted else {
            let names = partitions.map { "`\($0.name)`" }.joined(separator: ", ")
            return Self(
                "partition", profile.partition ?? "none",
                problem: (profile.partition.map { "there is no partition `\($0)`" }
                    ?? "the cluster has no default partition")
                    + ": set `partition` to one of \(names.isEmpty ? "none" : names)")
        }
        let limit = wanted.longest.map { Resources.text(.seconds($0)) } ?? "no time limit"
        let size =
            "\(wanted.nodes == 1 ? "1 node" : "\(wanted.nodes) nodes"), at most \(wanted.cpus) CPUs and "
            + "\(Resources.text(bytes: wanted.memory)) each; \(limit)"
        let problems = excesses(of: profile.defaults, in: wanted)
        let isUp = wanted.state == "up"
        return Self(
            "partition", wanted.name + (isUp ? "" : " (\(wanted.state))"),
            problem: !isUp
                ? "it is \(wanted.state): set `partition` to another one, or wait"
                : problems.isEmpty ? nil : problems.joined(separator: "; "),
            note: size)
    }

    /// The `defaults` of a profile that are more than a partition has.
    private static func excesses(of needs: Resources, in partition: SlurmPartition) -> [String] {
        var found: [String] = []
        func excess(_ key: String, _ need: String, _ limit: String) {
            found.append(
                "`\(key)` under `defaults` is \(need), but the partition has at most \(limit)")
        }
        if needs.cpus > partition.cpus { excess("cpus", "\(needs.cpus)", "\(partition.cpus)") }
        if let memory = needs.memory, memory > partition.memory {
            excess(
                "memory", Resources.text(bytes: memory), Resources.text(bytes: partition.memory))
        }
        if let nodes = needs.nodes, nodes > partition.nodes {
            excess("nodes", "\(nodes)", "\(partition.nodes)")
        }
        // Stages have three minutes more to save a checkpoint.
        if let time = needs.time, let longest = partition.longest,
            time + .seconds(180) > .seconds(longest)
        {
            excess(
                "time", Resources.text(time),
                Resources.text(.seconds(longest)) + ", with three minutes for a checkpoint")
        }
        return found
    }

    /// The number of tasks of an array in the profile and in Slurm; `limit` is `nil` if it is not known.
    package static func array(_ profile: Profile, limit: Int?) -> Self {
        let limitText = limit.map { "MaxArraySize is \($0)" } ?? "MaxArraySize is not known"
        guard let limit, profile.arraySize > limit else {
            return Self("array", "at most \(profile.arraySize) tasks", note: limitText)
        }
        return Self(
            "array", "at most \(profile.arraySize) tasks",
            problem: "\(limitText), so larger arrays are refused: set `array: \(limit)`")
    }

    /// The shared directory. `failure` says why it cannot be used. A directory on the disk of the store is a problem
    /// unless a node has proved that it sees it.
    package static func shared(
        _ path: String, failure: String?, facts: FileSystemFacts?, isWithStore: Bool,
        isProved: Bool
    ) -> Self {
        let isLocal = isWithStore && facts?.isShared != true
        let type = facts.map(\.type) ?? "unknown"
        var problem = failure
        if problem == nil, isLocal, !isProved {
            problem =
                "it is on the disk of the store (\(type)), which nodes usually do not see: set `shared` to a "
                + "directory that they see, or prove with --job that they see this one"
        }
        if problem == nil, let free = facts?.free, free < 1_000_000_000 {
            problem =
                "less than 1 GB is free for a copy of this program and the files of stages: free some space"
        }
        return Self(
            "shared", path, problem: problem,
            note: facts.map { "\(type), \(ByteCount($0.free).text) free" })
    }

    /// The task that a node ran.
    package static func job(_ outcome: ClusterProbe.Outcome) -> Self {
        switch outcome {
        case .ran(let place):
            Self(
                "job", "ran on \(place.host)",
                note: place.job.map { "task \($0); its result is seen here" })
        case .failed(let reason): Self("job", "failed", problem: reason)
        }
    }
}
