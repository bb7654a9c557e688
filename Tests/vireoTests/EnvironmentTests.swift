import Files
import Foundation
import Testing

/// Runs on a profile with an environment. Shell scripts stand in for conda and Apptainer: they record their arguments
/// and run the program that follows them.
@Suite("Environments of profiles", .timeLimit(.minutes(10)))
struct EnvironmentTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write("printf '%s %s' \"$FOO\" \"${#TOKEN}\" > \"$1/f\"\n", to: "make.sh")
        try tool.write(
            """
            name: environment
            stages:
              a:
                uses: command
                with:
                  run: [sh, make.sh, "${out.o}"]
                  outputs: [o]
                  files: [make.sh]
                  environment: [FOO]
                  secrets: [TOKEN]
            """, to: "e.yaml")
        try tool.write("{}", to: "torch/conda-meta/python-3.12.json")
        try tool.write("conda create", to: "torch/conda-meta/history")
        try tool.write("an image", to: "torch.sif")
        try tool.write(
            "system: local\nenvironment: { conda: \(tool.directory)/torch }\n",
            to: "profiles/conda.yaml")
        try tool.write(
            """
            system: local
            environment: { apptainer: \(tool.directory)/torch.sif, options: [--nv] }
            """, to: "profiles/image.yaml")
        // Files younger than the clock's step are not trusted.
        usleep(50_000)
    }

    /// Writes a script that records its arguments, drops the first `count`, and runs the rest.
    private func install(_ name: String, dropping count: Int) throws {
        try tool.write(
            """
            #!/bin/sh
            echo "\(name) $*" >> '\(tool.directory)/calls.txt'
            shift \(count)
            exec "$@"
            """, to: "bin/\(name)")
        chmod("\(tool.directory)/bin/\(name)", 0o755)
    }

    private func run(_ arguments: String) throws -> Tool.Result {
        try tool.run(
            [
                "-c",
                "PATH=\"$PWD/bin:$PATH\" FOO=foo TOKEN=s3cr3tvalue exec \"$0\" \(arguments)",
                Tool.path,
            ], of: "/bin/sh")
    }

    /// The calls of the scripts so far, up to the output directory.
    private func calls() throws -> [String] {
        try tool.read("calls.txt").split(separator: "\n").map {
            String($0.prefix(upTo: $0.range(of: " \(tool.directory)/.vireo/work/")!.lowerBound))
        }
    }

    private let cached = "Everything was cached: 1 stage"

    @Test("A command runs by a stand-in conda, with its variables, and its key names the packages")
    func conda() throws {
        try install("conda", dropping: 4)
        #expect(try run("run e.yaml").output.contains("1 stage: 1 ran, "))
        #expect(!FileManager.default.fileExists(atPath: tool.directory + "/calls.txt"))
        #expect(
            try run("plan e.yaml --on conda").output == "a  runs because environment added\n")
        #expect(
            try run("run e.yaml --dry-run --on conda").output
                == "a  runs because environment added\n")
        let result = try run("run e.yaml --on conda")
        #expect(result.output.contains("1 stage: 1 ran, "), "\(result.errors)")
        #expect(
            try calls() == [
                "conda run --no-capture-output --prefix \(tool.directory)/torch sh make.sh"
            ])
        #expect(try tool.run("artifact", "cat", "a", "f").output == "foo 11")
        #expect(try run("plan e.yaml --on conda").output == "a  cached\n")
        // The history of commands does not count, the records of packages do.
        try tool.write("conda install", to: "torch/conda-meta/history")
        #expect(try run("run e.yaml --on conda").output.contains(cached))
        try tool.write("{}", to: "torch/conda-meta/torch-2.9.json")
        #expect(
            try run("plan e.yaml --on conda").output.hasPrefix(
                "a  runs because environment changed: "))
        #expect(try run("run e.yaml").output.contains(cached))
        #expect(try calls().count == 1)
    }

    @Test("A command runs by a stand-in Apptainer, which binds the pipeline and the store")
    func apptainer() throws {
        try install("apptainer", dropping: 7)
        let result = try run("run e.yaml --on image")
        #expect(result.output.contains("1 stage: 1 ran, "), "\(result.errors)")
        let here = tool.directory
        #expect(
            try calls() == [
                "apptainer exec --nv --bind \(here),\(here)/.vireo --pwd \(here) \(here)/torch.sif sh make.sh"
            ])
        #expect(try tool.run("artifact", "cat", "a", "f").output == "foo 11")
        #expect(try run("run e.yaml --on image").output.contains(cached))
        let old = Digest(of: "an image").hex.prefix(6)
        try tool.write("another image", to: "torch.sif")
        let new = Digest(of: "another image").hex.prefix(6)
        #expect(
            try run("plan e.yaml --on image").output
                == "a  runs because environment changed: \(old)... -> \(new)...\n")
        #expect(try run("run e.yaml --on image").output.contains("1 stage: 1 ran, "))
        #expect(try calls().count == 2)
    }

    @Test("An unchanged run on another profile is not answered by the run on the first")
    func unchanged() throws {
        try install("conda", dropping: 4)
        try install("apptainer", dropping: 7)
        for profile in ["local", "conda", "image"] {
            #expect(
                try run("run e.yaml --on \(profile)").output.contains("1 stage: 1 ran, "),
                "\(profile)")
            #expect(try run("run e.yaml --on \(profile)").output.contains(cached), "\(profile)")
        }
        #expect(try calls().count == 2)
    }

    @Test("An environment that changes while its program runs fails the stage")
    func change() throws {
        try tool.write("echo x >> torch.sif\necho > \"$1/f\"\n", to: "make.sh")
        try install("apptainer", dropping: 7)
        let result = try run("run e.yaml --on image")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                "`\(tool.directory)/torch.sif`, which the stage names, changed while the stage ran")
        )
    }

    @Test("A stopped program may save its work, although a stand-in conda ends before it")
    func stop() async throws {
        try tool.write(
            """
            trap 'sleep 0.3; echo > saved; exit 0' TERM
            echo > started
            while :; do sleep 0.05; done
            """, to: "make.sh")
        try tool.write("#!/bin/sh\nshift 4\n\"$@\" &\nwait\n", to: "bin/conda")
        let here = tool.directory
        chmod("\(here)/bin/conda", 0o755)
        let ending = try await tool.run(
            ["run", here + "/e.yaml", "--on", here + "/profiles/conda.yaml"], sending: SIGINT,
            environment: [
                "CONDA_EXE": here + "/bin/conda", "FOO": "foo", "TOKEN": "s3cr3tvalue",
            ]
        ) { FileManager.default.fileExists(atPath: here + "/started") }
        #expect(ending.status?.outcome == .exited(130), "\(ending.text)")
        #expect(FileManager.default.fileExists(atPath: here + "/saved"))
    }

    @Test("A missing program and a missing environment are errors")
    func missing() throws {
        let result = try run("run e.yaml --on image")
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                "a: failed: the environment of the profile needs the program apptainer or singularity, but neither "
                    + "is in PATH: "))
        try FileManager.default.removeItem(atPath: tool.directory + "/torch")
        let gone = try run("plan e.yaml --on conda")
        #expect(gone.status == 1 && gone.output == "")
        #expect(
            gone.errors == """
                e.yaml: error: the environment `\(tool.directory)/torch` of the profile cannot be used: \
                `\(tool.directory)/torch/conda-meta`: there is no such file
                  give `conda` the directory of an environment, as `conda env list` prints it

                """)
    }
}
