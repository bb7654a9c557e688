import Files
import Foundation
import Pipeline
import Testing

@Suite("The environment of a profile", .timeLimit(.minutes(10)))
struct ProfileTests {
    private static let torch = ProgramEnvironment.conda("/opt/torch")
    private static let container = ProgramEnvironment.apptainer("/i/torch.sif", options: ["--nv"])

    private func parse(_ environment: String) -> Checked<Profile> {
        Profile.parse(
            SourceFile(path: "here.yaml", text: "system: local\nenvironment: \(environment)\n"),
            environment: ["USER": "ada"])
    }

    @Test("It is a conda environment or an image, at an absolute path that may name variables")
    func reading() {
        #expect(
            parse("{ conda: /home/$USER/torch/ }").value?.environment == .conda("/home/ada/torch"))
        #expect(
            parse("{ apptainer: /i/$USER.sif }").diagnostics.map(\.message) == [
                "`apptainer` must be an absolute path such as `/images/torch.sif`, not the text "
                    + "\"/i/$USER.sif\""
            ])
        #expect(
            parse("{ apptainer: \"/i/a b.sif\" }").value?.environment
                == .apptainer("/i/a b.sif", options: []))
        #expect(
            parse("{ options: [--nv], apptainer: /i/torch.sif }").value?.environment
                == Self.container)
        #expect(
            parse("{ apptainer: /i/torch.sif, options: --nv }").value?.environment == Self.container
        )
        #expect(parse("{ conda: /e }").value?.hasBatchSystem == false)
    }

    @Test(
        "Mistakes are reported with their place",
        arguments: [
            (
                "{ conda: envs/torch }",
                """
                here.yaml:2:23: error: `conda` must be an absolute path such as `/opt/envs/torch`, not the text \
                "envs/torch"
                  environment: { conda: envs/torch }
                                        ^
                """
            ),
            (
                "{ apptainer: /i/$NOBODY/a.sif }",
                """
                here.yaml:2:30: error: `apptainer` names the environment variable NOBODY, which is not set
                  environment: { apptainer: /i/$NOBODY/a.sif }
                                               ^
                  set it, or write the path without it
                """
            ),
            (
                "{ conda: /e, apptainer: /i.sif }",
                """
                here.yaml:2:1: error: `environment` must be `{ conda: PATH }` or `{ apptainer: IMAGE }`, not both
                  environment: { conda: /e, apptainer: /i.sif }
                  ^
                """
            ),
            (
                "{ options: [--nv] }",
                """
                here.yaml:2:1: error: `environment` must be `{ conda: PATH }` or `{ apptainer: IMAGE }`, not a table \
                without either
                  environment: { options: [--nv] }
                  ^
                """
            ),
            (
                "{ docker: torch }",
                """
                here.yaml:2:16: error: `environment` has no key `docker`
                  environment: { docker: torch }
                                 ^
                  `environment` may have `conda`, `apptainer` and `options`
                """
            ),
            (
                "{ conda: /e, options: [--nv] }",
                """
                here.yaml:2:27: error: `environment` with `conda` has no key `options`
                  environment: { conda: /e, options: [--nv] }
                                            ^
                  `environment` with `conda` may have `conda`
                """
            ),
            (
                "torch",
                """
                here.yaml:2:14: error: `environment` must be a table of `key: value`, not the text "torch"
                  environment: torch
                               ^
                """
            ),
        ])
    func mistakes(environment: String, rendered: String) {
        let checked = parse(environment)
        #expect(checked.value == nil)
        #expect(checked.diagnostics.map(\.description) == [rendered])
    }

    private func parse(lines: String) -> Checked<Profile> {
        Profile.parse(
            SourceFile(path: "here.yaml", text: "system: slurm\nshared: /s\n\(lines)\n"),
            environment: [:])
    }

    @Test("An argument of sbatch that is written as a key is one for `options`")
    func argumentAsKey() {
        let remedies = parse(lines: "qos: normal").diagnostics.map(\.description)
        #expect(remedies.count == 1)
        #expect(
            remedies.first?.hasSuffix(
                "`pools` and `rates`; other arguments of sbatch are listed under `options`, as in "
                    + "`options: [--qos=normal]`") == true)
    }

    @Test(
        "Arguments of sbatch that Vireo sets itself are refused, also shortened",
        arguments: [
            "--array=0-3", "--arr=0-3", "-a0-3", "--job-name=x", "-J", "--output=/x", "-o/x",
            "-e/x",
            "--export=ALL", "--exp=ALL", "--parsable", "--no-requeue", "--open-mode=truncate",
            "--signal=KILL", "--wrap=true", "--wait", "-W", "-QW", "--kill-on-invalid-dep=no", "--",
        ])
    func ownArguments(argument: String) {
        let checked = parse(lines: "options: [--qos=normal, \(argument)]")
        #expect(
            checked.diagnostics.map(\.description) == [
                """
                here.yaml:3:25: error: an argument in `options` must be one that Vireo does not set itself, not the \
                text "\(argument)"
                  options: [--qos=normal, \(argument)]
                                          ^
                """
            ])
    }

    @Test("The templates of GPUs and pools are arguments of sbatch too")
    func ownTemplates() {
        #expect(
            parse(lines: "gpus: --export={units}\npools: { a: \"--array={units}\" }").diagnostics
                .map(\.message) == [
                    "an argument in `gpus` must be one that Vireo does not set itself, not the text "
                        + "\"--export={units}\"",
                    "an argument in `a` must be one that Vireo does not set itself, not the text "
                        + "\"--array={units}\"",
                ])
    }

    @Test("Other arguments of sbatch are left to Slurm")
    func otherArguments() {
        let options = [
            "--qos=normal", "--wait-all-nodes=1", "-p", "main", "--exclusive", "--mem=0", "-vv",
            "--exclude=n1", "-Hp", "--oversubscribe", "--reservation=r",
        ]
        let checked = parse(
            lines: "options: [\(options.joined(separator: ", "))]\ngpus: --gpus={units}")
        #expect(checked.diagnostics.isEmpty && checked.value?.options == options)
    }

    @Test(
        "The command line in front of that of a program names the environment and the directories")
    func prefix() {
        let shared = ["/lab", "/scratch/ada"]
        #expect(
            Self.torch.prefix(directory: "/lab", shared: shared)
                == ["conda", "run", "--no-capture-output", "--prefix", "/opt/torch"])
        #expect(
            Self.container.prefix(directory: "/lab", shared: shared) == [
                "apptainer", "exec", "--nv", "--bind", "/lab,/scratch/ada", "--pwd", "/lab",
                "/i/torch.sif",
            ])
        #expect(Self.container.unbindable(shared) == nil)
        #expect(Self.container.unbindable(["/lab", "/a:b"]) == "/a:b")
        #expect(Self.container.unbindable(["/a,b", "/lab"]) == "/a,b")
        #expect(Self.torch.unbindable(["/a:b"]) == nil)
    }

    // Keys.

    private static let text = """
        name: p
        stages:
          q: { uses: ingest.countdown }
          c: { uses: command, with: { argv: [make] } }
        """

    /// The documents of a command and of another stage, for an environment with a content.
    private func documents(
        _ environment: ProgramEnvironment?, content: String = "a"
    ) throws -> (command: KeyDocument, other: KeyDocument) {
        let pipeline = try #require(Samples.parse(Self.text).value)
        let plan = try #require(
            pipeline.plan(
                .init(
                    programEnvironment: environment, digestOfFile: { _ in Digest(of: content) },
                    digestOfTree: { path, ignored in
                        Digest(of: "\(path) without \(ignored): \(content)")
                    })
            ).value)
        return (
            try #require(plan["c"]).keyDocument(inputs: [:]),
            try #require(plan["q"]).keyDocument(inputs: [:])
        )
    }

    @Test(
        "The keys of commands depend on the content of an image, and neither on its path nor options"
    )
    func image() throws {
        let without = try documents(nil)
        let with = try documents(Self.container)
        #expect(with.command.files == ["environment": Digest(of: "a")])
        #expect(with.command.key != without.command.key)
        let moved = ProgramEnvironment.apptainer("/else.sif", options: [])
        #expect(try documents(moved).command.key == with.command.key)
        #expect(try documents(Self.container, content: "b").command.key != with.command.key)
    }

    @Test("The keys of commands depend on the package records of a conda environment")
    func conda() throws {
        #expect(
            try documents(Self.torch).command.files == [
                "environment": Digest(of: "/opt/torch/conda-meta without [\"history\"]: a")
            ])
        #expect(Self.torch.file.contents == .tree(ignoring: ["history"]))
    }

    @Test("The keys of other stages do not depend on the environment")
    func others() throws {
        let without = try documents(nil).other
        #expect(try documents(Self.container).other == without)
        #expect(try documents(Self.torch).other == without)
    }

    @Test("The reason for running again names the environment")
    func reason() throws {
        let without = try documents(nil).command
        let with = try documents(Self.container).command
        let changed = try documents(Self.container, content: "b").command
        let (old, new) = (Digest(of: "a").hex.prefix(6), Digest(of: "b").hex.prefix(6))
        #expect(with.differences(from: without) == ["environment added"])
        #expect(without.differences(from: with) == ["environment removed"])
        #expect(changed.differences(from: with) == ["environment changed: \(old)... -> \(new)..."])
    }

    @Test(
        "An environment that cannot be read is reported once, with the remedy",
        arguments: [
            (
                torch,
                """
                lab/p.yaml: error: the environment `/opt/torch` of the profile cannot be used: \
                `/opt/torch/conda-meta`: there is no such file
                  give `conda` the directory of an environment, as `conda env list` prints it
                """
            ),
            (
                container,
                """
                lab/p.yaml: error: the environment `/i/torch.sif` of the profile cannot be used: there is no such file
                  give `apptainer` the path of an image file
                """
            ),
        ])
    func unreadable(environment: ProgramEnvironment, rendered: String) throws {
        let text = Self.text + "\n  d: { uses: command, with: { argv: [make, it] } }"
        let plan = try #require(Samples.parse(text).value).plan(
            .init(programEnvironment: environment, digestOfFile: { _ in throw POSIXError(.ENOENT) })
        )
        #expect(plan.value == nil)
        #expect(plan.diagnostics.map(\.description) == [rendered])
    }

    @Test("Without commands, the environment is not read")
    func unused() throws {
        let text = "name: p\nstages: { q: { uses: ingest.countdown } }"
        let plan = try #require(Samples.parse(text).value).plan(
            .init(
                programEnvironment: Self.container, digestOfFile: { _ in throw POSIXError(.ENOENT) }
            ))
        #expect(plan.value?["q"]?.files == [])
    }
}
