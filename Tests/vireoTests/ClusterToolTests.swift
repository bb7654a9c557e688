import Files
import Foundation
import Processes
import Testing

/// Runs with a profile of Slurm, whose programs are shell scripts that accept every job and run none.
@Suite("Runs on a cluster", .timeLimit(.minutes(10)))
struct ClusterToolTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            """
            trap 'echo TERM >> terms.txt' TERM
            cut -d' ' -f5 /proc/$$/stat > group.new
            mv group.new group.txt
            while [ ! -s terms.txt ]; do sleep 0.05; done
            for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.1; done

            """, to: "stop.sh")
        try tool.write(
            """
            name: cluster
            stages:
              a: { uses: command, with: { run: [sh, stop.sh, "${out.o}"], files: [stop.sh], outputs: [o] } }

            """, to: "p.yaml")
        try tool.write(
            "system: slurm\nshared: \(tool.directory)/shared\npoll: 1s\nvisibility: 1s\n",
            to: "slurm.yaml")
    }

    /// Writes the programs of Slurm.
    private func install() throws {
        let here = tool.directory
        let programs = [
            "sbatch":
                "case \"$*\" in *--test-only*) exit 0;; esac; for i in \"$@\"; do case $i in --job-name=*) echo \"${i#*=}\" > '\(here)/job.txt';; esac; done; echo 7",
            "squeue":
                "[ -e '\(here)/scancel.txt' ] || echo \"7_0|RUNNING|$(cat '\(here)/job.txt')|None\"",
            "scancel": "echo \"$*\" >> '\(here)/scancel.txt'",
        ]
        for (name, script) in programs {
            try tool.write("#!/bin/sh\n\(script)\n", to: "bin/\(name)")
            chmod("\(here)/bin/\(name)", 0o755)
        }
    }

    /// Runs the pipeline until it has submitted its stage, and sends a signal then.
    private func run(sending signal: Int32) async throws -> Ending {
        let here = tool.directory
        return try await tool.run(
            ["run", here + "/p.yaml", "--store", here + "/store", "--on", here + "/slurm.yaml"],
            sending: signal, environment: ["PATH": here + "/bin:/usr/bin:/bin"]
        ) {
            FileManager.default.fileExists(atPath: here + "/job.txt")
        }
    }

    private func count(_ table: String) throws -> String {
        try tool.run("sql", "SELECT count(*) FROM \(table)", "--store", "store", "--format", "csv")
            .output.split(separator: "\n").last.map(String.init) ?? ""
    }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: tool.directory + "/" + name)
    }

    @Test("Without the programs of Slurm, a run says so before it records anything")
    func noSlurm() throws {
        let result = try tool.run(
            [
                "-c", "PATH=/nowhere exec \"$0\" run p.yaml --store store --on slurm.yaml",
                Tool.path,
            ],
            of: "/bin/sh")
        #expect(result.status == 1)
        #expect(
            result.errors
                == "vireo: error: the profile 'slurm' submits stages to Slurm, but there is no `sbatch` in PATH: log in "
                + "to a node of the cluster, or run here with `--on local`\n")
        #expect(!exists("store") && !exists("shared"))
    }

    @Test("Ctrl-C cancels jobs")
    func interrupted() async throws {
        try install()
        let ending = try await run(sending: SIGINT)
        #expect(ending.status?.outcome == .exited(130), "\(ending.text)")
        #expect(try tool.read("scancel.txt") == "--quiet 7_[0]\n")
        #expect(try count("submission") == "0")
    }

    @Test("A lost connection to the login node leaves jobs in the queue")
    func hungUp() async throws {
        try install()
        let ending = try await run(sending: SIGHUP)
        #expect(ending.status?.outcome == .exited(130), "\(ending.text)")
        #expect(ending.text.contains("the jobs stay in the queue; the next run waits for them"))
        #expect(!exists("scancel.txt"))
        #expect(try count("submission") == "1")
        #expect(
            ending.text.contains(": its task stays in the queue; the next run waits for it\n"))
        let plan = try tool.run("plan", "p.yaml", "--store", "store")
        #expect(plan.output.contains("; its task 7_0 of an earlier run may be in the queue\n"))
    }

    @Test(
        "A program gets SIGTERM once, whether Slurm signals the batch script alone or all processes",
        arguments: [false, true])
    func signals(reachesAll: Bool) async throws {
        try install()
        _ = try await run(sending: SIGHUP)
        let job = try tool.read("job.txt").trimmingCharacters(in: .whitespacesAndNewlines)
        let store = try FileManager.default.contentsOfDirectory(atPath: tool.directory + "/shared")
            .first { !$0.hasPrefix("programs") }
        let script = "\(tool.directory)/shared/\(try #require(store))/arrays/\(job).sh"
        let child = try tool.start(
            [script], of: "/bin/bash",
            environment: ["SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "0"])
        while !exists("group.txt") { try await Task.sleep(for: .milliseconds(5)) }
        let text = try tool.read("group.txt").trimmingCharacters(in: .whitespacesAndNewlines)
        let group = try #require(pid_t(text))
        try #require(group != getpgrp())
        if reachesAll { killpg(group, SIGTERM) }
        kill(child.pid, SIGTERM)
        let ending = await Tool.follow(child)
        #expect(ending.status?.outcome == .exited(75), "\(ending.text)")
        #expect(try tool.read("terms.txt") == "TERM\n")
    }
}
