import Execution
import Foundation
import Pipeline
import Testing
import vireo

@Suite("The doctor of clusters", .timeLimit(.minutes(10)))
struct ClusterDoctorTests {
    private static var profile: Profile {
        var profile = Profile(name: "cluster", system: .slurm)
        profile.shared = "/scratch/ada"
        return profile
    }

    private static let partitions = SlurmPartition.all(in: [
        "main*|up|infinite|3|64|256000", "main*|up|infinite|1|96+|512000",
        "short|up|30:00|2|8|16000", "old|drain|1-00:00:00|1|8|16000", "broken",
    ])

    @Test("Numbers that no cluster has are not read")
    func hugeNumbers() {
        let huge = "9223372036854775807"
        #expect(
            SlurmPartition.all(in: [
                "a|up|infinite|\(huge)|1|1", "a|up|infinite|1|\(huge)|1",
                "a|up|infinite|1|1|\(huge)",
            ]).isEmpty)
        for time in ["\(huge)-00:00:00", "\(huge):00:00", "9:9:9:9:9:9:9:9:9:9:9:9:9"] {
            #expect(
                SlurmPartition.all(in: ["a|up|\(time)|1|1|1"]).map(\.longest) == [nil])
        }
    }

    @Test("Partitions are read with the limits of their largest nodes")
    func partitions() {
        #expect(
            Self.partitions == [
                SlurmPartition(
                    name: "main", isDefault: true, state: "up", longest: nil, nodes: 4, cpus: 96,
                    memory: 512_000 << 20),
                SlurmPartition(
                    name: "short", isDefault: false, state: "up", longest: 1800, nodes: 2, cpus: 8,
                    memory: 16_000 << 20),
                SlurmPartition(
                    name: "old", isDefault: false, state: "drain", longest: 86_400, nodes: 1,
                    cpus: 8, memory: 16_000 << 20),
            ])
    }

    @Test("A sound cluster is described")
    func sound() {
        let report = DoctorReport([
            .slurmProgram("sbatch", version: "slurm-wlm 22.05.8"),
            .slurmProgram("sacct", version: nil),
            .controller(outage: nil),
            .partition(Self.profile, Self.partitions),
            .array(Self.profile, limit: 1001),
            .shared(
                "/scratch/ada", failure: nil,
                facts: FileSystemFacts(type: "nfs4", free: 2_000_000_000_000), isWithStore: false,
                isProved: false),
            .job(.ran(TaskPlace(host: "n1", job: "17_0", restarts: 0))),
        ])
        #expect(report.isHealthy)
        #expect(
            report.text == """
                check       result
                ----------  ------------------  -------------------------------------------------------
                sbatch      slurm-wlm 22.05.8
                sacct       not found           optional; it says how tasks ended that left the queue
                controller  answers
                partition   main                4 nodes, at most 96 CPUs and 537 GB each; no time limit
                array       at most 1000 tasks  MaxArraySize is 1001
                shared      /scratch/ada        nfs4, 2.0 TB free
                job         ran on n1           task 17_0; its result is seen here

                No problems found.

                """)
    }

    @Test("Problems of a cluster have remedies")
    func problems() {
        var profile = Self.profile
        profile.partition = "short"
        profile.defaults = Resources(cpus: 16, memory: 64 << 30, time: .seconds(1800), nodes: 3)
        profile.arraySize = 5000
        var unknown = Self.profile
        unknown.partition = "shrot"
        var drained = Self.profile
        drained.partition = "old"
        let local = FileSystemFacts(type: "ext4", free: 2_000_000_000)
        func problem(_ check: DoctorReport.Check) -> String? { check.problem }
        #expect(
            problem(.slurmProgram("sbatch", version: nil))
                == "it is not in PATH: install the programs of Slurm, or log in to a node that has them"
        )
        #expect(
            problem(.controller(outage: "Unable to contact slurm controller (connect failure)"))
                == "Unable to contact slurm controller (connect failure): ask the operators of the cluster, or wait"
        )
        #expect(
            problem(.partition(profile, Self.partitions))
                == "`cpus` under `defaults` is 16, but the partition has at most 8; "
                + "`memory` under `defaults` is 68.7 GB, but the partition has at most 16.8 GB; "
                + "`nodes` under `defaults` is 3, but the partition has at most 2; "
                + "`time` under `defaults` is 30m, but the partition has at most 30m, with three minutes for a checkpoint"
        )
        #expect(
            problem(.partition(unknown, Self.partitions))
                == "there is no partition `shrot`: set `partition` to one of `main`, `short`, `old`"
        )
        #expect(
            problem(.partition(drained, Self.partitions))
                == "it is drain: set `partition` to another one, or wait")
        #expect(
            problem(.array(profile, limit: 1001))
                == "MaxArraySize is 1001, so larger arrays are refused: set `array: 1001`")
        #expect(
            problem(
                .shared("/s", failure: nil, facts: local, isWithStore: true, isProved: false))
                == "it is on the disk of the store (ext4), which nodes usually do not see: set `shared` to a "
                + "directory that they see, or prove with --job that they see this one")
        #expect(
            problem(.shared("/s", failure: nil, facts: local, isWithStore: true, isProved: true))
                == nil)
        let full = FileSystemFacts(type: "lustre", free: 1_000_000)
        #expect(
            problem(.shared("/s", failure: nil, facts: full, isWithStore: false, isProved: false))
                == "less than 1 GB is free for a copy of this program and the files of stages: free some space"
        )
        #expect(problem(.job(.failed("the task failed"))) == "the task failed")
    }

    @Test("The limit of arrays is read from the configuration")
    func arrays() {
        #expect(
            SlurmText.longestArray(["MailProg = /bin/true", "MaxArraySize            = 1001"])
                == 1001)
        #expect(SlurmText.longestArray([]) == nil)
    }

    // Stand-ins for the programs of Slurm.

    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            "system: slurm\nshared: \(tool.directory)/shared\npoll: 1s\nvisibility: 1s\n",
            to: "cluster.yaml")
        try FileManager.default.createDirectory(
            atPath: tool.directory + "/shared", withIntermediateDirectories: true)
        // It runs the job at once; the script is its last argument.
        try install(
            "sbatch",
            """
            for script; do :; done
            export SLURM_ARRAY_JOB_ID=17 SLURM_ARRAY_TASK_ID=0 SLURMD_NODENAME=n1
            sh "$script" > /dev/null 2>&1
            echo 17
            """)
        try install("squeue", "")
        try install("scancel", "")
        try install("sinfo", "echo 'main*|up|infinite|2|4|8000'")
        try install("scontrol", "echo 'MaxArraySize = 1001'")
    }

    private func install(_ name: String, _ body: String) throws {
        try tool.write(
            "#!/bin/sh\n[ \"$1\" != --version ] || { echo slurm 22.05.8; exit; }\n\(body)\n",
            to: "bin/" + name)
        chmod("\(tool.directory)/bin/\(name)", 0o755)
    }

    /// The part of the output about the cluster, without the widths of columns and rules.
    private func doctor(_ arguments: String) throws -> (lines: [String], status: Int32) {
        let result = try tool.run(
            [
                "-c", "PATH=\"$PWD/bin:/usr/bin:/bin\" exec \"$0\" doctor \(arguments)", Tool.path,
            ], of: "/bin/sh")
        let lines = result.output.split(separator: "\n").map {
            String($0).replacing(#/ +/#, with: " ")
                .replacing(tool.directory, with: "DIR")
        }
        let start = lines.firstIndex { $0.hasPrefix("profile ") } ?? lines.endIndex
        return (
            lines[start...].filter { !$0.hasPrefix("shared ") && !$0.hasPrefix("sacct ") },
            result.status
        )
    }

    @Test("With --job, a task runs, and its result is found by the rule of results")
    func job() throws {
        let found = try doctor("--on cluster.yaml --job")
        #expect(
            found.lines == [
                "profile cluster slurm", "sbatch slurm 22.05.8", "squeue slurm 22.05.8",
                "scancel slurm 22.05.8", "controller answers",
                "partition main 2 nodes, at most 4 CPUs and 8.4 GB each; no time limit",
                "array at most 1000 tasks MaxArraySize is 1001",
                "job ran on n1 task 17_0; its result is seen here", "No problems found.",
            ])
        #expect(found.status == 0)
        // Only the copy of the program is left.
        let files = try FileManager.default.subpathsOfDirectory(atPath: tool.directory + "/shared")
        #expect(!files.contains { $0.contains("doctor") })
    }

    @Test("A program that does not start on the node is reported with its output")
    func deadJob() throws {
        try install("sbatch", "echo 17")
        let found = try doctor("--on cluster.yaml --job")
        #expect(found.status == 1)
        #expect(found.lines.contains("job failed see below"))
        #expect(
            found.lines.contains(
                "job: the task 17_0 ended, but its result is not seen here: the node does not see DIR/shared, or "
                    + "the program does not start there"))
    }

    @Test(
        "A refused test of a submission is reported once with its stages, before a run is recorded")
    func refusal() throws {
        try install(
            "sbatch",
            """
            case "$*" in *--test-only*) ;; *) exit 1 ;; esac
            echo x >> '\(tool.directory)/tests'
            echo 'sbatch: error: invalid partition specified: nope' >&2
            echo 'allocation failure: Invalid partition name specified' >&2
            exit 1
            """)
        try tool.write(
            """
            name: a
            stages:
              q: { uses: ingest.countdown, with: { train: 4, test: 4 } }
              r: { uses: ingest.countdown, with: { train: 5, test: 4 } }
            """, to: "a.yaml")
        let result = try tool.run(
            [
                "-c", "PATH=\"$PWD/bin:/usr/bin:/bin\" exec \"$0\" run a.yaml --on cluster.yaml",
                Tool.path,
            ], of: "/bin/sh")
        #expect(
            result.errors
                == "vireo: error: the batch system would refuse the stages `q`, `r` (1 CPU): invalid partition "
                + "specified: nope; allocation failure: Invalid partition name specified\n")
        #expect(result.status == 1)
        #expect(try tool.read("tests") == "x\n")
        let runs = try tool.run("sql", "SELECT count(*) AS n FROM run", "--format", "csv")
        #expect(runs.output == "n\n0\n")
    }
}
