import Files
import Pipeline
import Testing

@Suite("Stages at the place where they run", .timeLimit(.minutes(10)))
struct PlacementTests {
    private static let program = StageKind(
        name: "program", version: 1, summary: "Runs a program.",
        outputs: [StageKind.Output("out", .files, "What it writes.")],
        options: [
            StageKind.Option("environment", .list(.text), default: .array([]), "Variables."),
            StageKind.Option("secrets", .list(.text), default: .array([]), "Secrets."),
        ], isOpen: true)

    private static func option(_ name: String) -> StageKind.Option {
        var option = StageKind.Option(name, .text, default: .null, "A program.")
        option.isProgram = true
        return option
    }

    private static let server = StageKind(
        name: "server", version: 1, summary: "Starts a server.",
        outputs: [StageKind.Output("out", .files, "What it writes.")],
        options: [
            option("python"),
            StageKind.Option(
                "backend", .table([option("program")]), default: .null, "The server."),
        ], runsProgram: true)

    @Test(
        "A program that is not there is an error of a run and a warning of a plan, once, on this machine"
    )
    func programs() throws {
        let text = """
            name: p
            stages:
              a: { uses: server, with: { python: snake, backend: { program: vllm } } }
              b: { uses: server, with: { backend: { program: vllm } } }

            """
        let pipeline = try #require(Samples.parse(text, kinds: [Self.server]).value)
        let plan = try #require(pipeline.plan(digestOfFile: { _ in Digest(of: "") }).value)
        func found(on profile: Profile?, isRun: Bool) -> [String] {
            pipeline.mistakes(
                of: plan.stages,
                at: Placement(
                    environment: [:], profile: profile, isInstalled: { $0 == "snake" },
                    isRun: isRun)
            ).map(\.description)
        }
        func diagnostic(_ severity: String) -> String {
            """
            lab/p.yaml:3:3: \(severity): there is no program `vllm`, which `backend.program` names
                a: { uses: server, with: { python: snake, backend: { program: vllm } } }
                ^
              install it on this machine, or set `backend.program` to the path of the program
            """
        }
        #expect(found(on: nil, isRun: true) == [diagnostic("error")])
        #expect(found(on: nil, isRun: false) == [diagnostic("warning")])
        #expect(found(on: Self.cluster, isRun: true) == [])
    }

    private static var cluster: Profile {
        var profile = Profile(name: "cluster", system: .slurm)
        profile.defaults.time = .seconds(3600)
        profile.pools = ["licence": "--licenses=solver:{units}", "tape": "--licenses=tape"]
        return profile
    }

    /// The diagnostics about the stages of a pipeline.
    private func diagnostics(
        _ stages: String, on profile: Profile? = cluster, pools: Set<String> = [],
        environment: [String: String] = [:], isRun: Bool = true
    ) throws -> [String] {
        let parsed = Samples.parse("name: p\nstages:\n" + stages, kinds: [Self.program])
        let pipeline = try #require(parsed.value, "\(parsed.diagnostics)")
        let plan = try #require(pipeline.plan(digestOfFile: { _ in Digest(of: "") }).value)
        return pipeline.mistakes(
            of: plan.stages,
            at: Placement(
                environment: environment, profile: profile, pools: pools, isRun: isRun)
        ).map(\.description)
    }

    @Test("A timeout beyond the time of the stage, or of the profile, is an error")
    func timeout() throws {
        let stages = """
              a: { uses: program, timeout: 3h, resources: { time: 2h } }
              b: { uses: program, timeout: 2h }
              c: { uses: program, timeout: 1h }
              d: { uses: program, timeout: 2h, resources: { time: 1d } }
            """
        #expect(
            try diagnostics(stages) == [
                """
                lab/p.yaml:3:32: error: the `timeout` of 3h is never reached, because Slurm stops the stage at its \
                `time` of 2h
                    a: { uses: program, timeout: 3h, resources: { time: 2h } }
                                                 ^
                  raise `resources.time`, or lower `timeout`
                """,
                """
                lab/p.yaml:4:32: error: the `timeout` of 2h is never reached, because Slurm stops the stage at the \
                `time` of 1h of the profile `cluster`
                    b: { uses: program, timeout: 2h }
                                                 ^
                  raise `resources.time`, or lower `timeout`
                """,
            ])
        #expect(try diagnostics(stages, on: nil) == [])
        #expect(try diagnostics(stages, on: Profile(name: "here", system: .local)) == [])
    }

    @Test("A pool without an argument is an error of a run and a warning of a plan")
    func pools() throws {
        let stages = """
              a: { uses: program, resources: { api: 1, licence: 2 } }
              b: { uses: program, resources: { gpu: 2 } }
            """
        func expected(_ severity: String) -> [String] {
            [
                """
                lab/p.yaml:3:41: \(severity): the profile `cluster` has no argument of sbatch for the pool `api`
                    a: { uses: program, resources: { api: 1, licence: 2 } }
                                                          ^
                  add `api: ` with an argument, such as `--licenses=api:{units}`, to `pools` of the profile, or limit \
                it with --pool api=UNITS
                """,
                """
                lab/p.yaml:4:41: \(severity): the profile `cluster` has no argument of sbatch for the pool `gpu`
                    b: { uses: program, resources: { gpu: 2 } }
                                                          ^
                  write `gpus` instead of the pool `gpu`, or add `gpu: ` with an argument to `pools` of the profile
                """,
            ]
        }
        #expect(try diagnostics(stages) == expected("error"))
        #expect(try diagnostics(stages, isRun: false) == expected("warning"))
        #expect(try diagnostics(stages, pools: ["api", "gpu"]) == [])
        #expect(try diagnostics(stages, on: nil) == [])
    }

    @Test("Resources that arguments of sbatch cannot express are errors")
    func inexpressible() throws {
        var profile = Self.cluster
        profile.gpus = "--gres=gpu"
        let messages = try diagnostics(
            """
              a: { uses: program, resources: { cpus: 70000 } }
              b: { uses: program, resources: { nodes: 70000 } }
              c: { uses: program, resources: { time: 999999d999999d } }
              d: { uses: program, resources: { gpus: 2 } }
              e: { uses: program, resources: { gpus: 1, tape: 1 } }
              f: { uses: program, resources: { tape: 3 } }
              g: { uses: program, with: { environment: [ALL] } }
            """, on: profile, environment: ["ALL": "1"]
        ).map { String($0.split(separator: "\n")[0]) }
        #expect(
            messages == [
                "lab/p.yaml:3:42: error: `cpus` is more than Slurm can express, which is 65533",
                "lab/p.yaml:4:43: error: `nodes` is more than Slurm can express, which is 65533",
                "lab/p.yaml:5:42: error: `time` is more than Slurm can express, which is 1000000d",
                "lab/p.yaml:6:42: error: the argument `--gres=gpu` of the profile has no `{units}`, but the stage "
                    + "needs 2 of `gpus`",
                "lab/p.yaml:8:42: error: the argument `--licenses=tape` of the profile has no `{units}`, but the "
                    + "stage needs 3 of `tape`",
                "lab/p.yaml:9:3: error: Slurm cannot pass a variable named `ALL` to a job",
            ])
    }

    @Test(
        "A secret that is too short is an error of a run, wherever it runs, and a warning of a plan"
    )
    func secrets() throws {
        let stages = "  a: { uses: program, with: { secrets: [PIN, TOKEN] } }"
        func expected(_ severity: String) -> [String] {
            [
                """
                lab/p.yaml:3:3: \(severity): the value of the secret PIN has fewer than 4 bytes, which may occur in \
                unrelated text
                    a: { uses: program, with: { secrets: [PIN, TOKEN] } }
                    ^
                  use a longer one, or list it in `environment`
                """
            ]
        }
        let environment = ["PIN": "123", "TOKEN": "long enough"]
        for profile in [Self.cluster, nil] {
            #expect(
                try diagnostics(stages, on: profile, environment: environment) == expected("error"))
        }
        #expect(
            try diagnostics(stages, on: nil, environment: environment, isRun: false)
                == expected("warning"))
    }

    @Test("Mistakes of all kinds are reported together, in the order of the file")
    func together() throws {
        let messages = try diagnostics(
            """
              a:
                uses: program
                with: { secrets: [TOKEN] }
                resources: { api: 1, cpus: 70000 }
                timeout: 2h
            """
        ).map { String($0.split(separator: "\n")[0]) }
        #expect(
            messages == [
                "lab/p.yaml:3:3: error: the secret TOKEN is not set",
                "lab/p.yaml:6:23: error: the profile `cluster` has no argument of sbatch for the pool `api`",
                "lab/p.yaml:6:32: error: `cpus` is more than Slurm can express, which is 65533",
                "lab/p.yaml:7:14: error: the `timeout` of 2h is never reached, because Slurm stops the stage at the "
                    + "`time` of 1h of the profile `cluster`",
            ])
    }
}
