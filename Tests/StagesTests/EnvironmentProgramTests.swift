import Foundation
import Pipeline
import Stages
import TestSupport
import Testing

@Suite("Programs that run others in an environment", .timeLimit(.minutes(10)))
struct EnvironmentProgramTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func install(_ name: String) throws -> String {
        let path = try directory.write("#!/bin/sh\n", to: name)
        chmod(path, 0o755)
        return path
    }

    @Test("The program is searched for in PATH; Singularity stands in for Apptainer")
    func search() throws {
        let variables = ["PATH": directory.path, "CONDA_EXE": "/opt/conda/bin/conda"]
        let singularity = try install("singularity")
        #expect(try EnvironmentProgram.path(of: "apptainer", in: variables) == singularity)
        let apptainer = try install("apptainer")
        #expect(try EnvironmentProgram.path(of: "apptainer", in: variables) == apptainer)
        #expect(try EnvironmentProgram.path(of: "conda", in: variables) == "/opt/conda/bin/conda")
        let conda = try install("conda")
        #expect(try EnvironmentProgram.path(of: "conda", in: variables) == conda)
    }

    @Test(
        "A missing program is an error that says what to do",
        arguments: [
            (
                "conda",
                """
                the environment of the profile needs the program conda, which is not in PATH, and CONDA_EXE does not \
                name it: install it, or load it with `modules` or `setup` of the profile of a cluster
                """
            ),
            (
                "apptainer",
                """
                the environment of the profile needs the program apptainer or singularity, but neither is in PATH: \
                install one of them, or load it with `modules` or `setup` of the profile of a cluster
                """
            ),
        ])
    func missing(name: String, message: String) throws {
        let error = #expect(throws: CommandStageError.self) {
            try EnvironmentProgram.path(of: name, in: ["PATH": directory.path])
        }
        #expect(error?.description == message)
        #expect(error?.isLasting == true)
    }

    @Test(
        "What `conda run` reports about a program that failed is not taken for the program's last line"
    )
    func lastLine() throws {
        let lines = """
            broken pipe in s3cr3tvalue

            ERROR conda.cli.main_run:execute(127): `conda run sh -c echo
            exit 3` failed. (See above for error)

            """
        func lastLine(isInEnvironment: Bool) throws -> String {
            let output = CommandOutput(
                secrets: try Secrets(["TOKEN"], from: ["TOKEN": "s3cr3tvalue"]),
                isInEnvironment: isInEnvironment, emit: { _ in })
            Array(lines.utf8).withUnsafeBytes { output.complain($0) }
            return output.lastLine
        }
        #expect(try lastLine(isInEnvironment: true) == "broken pipe in ***")
        #expect(
            try lastLine(isInEnvironment: false) == "exit 3` failed. (See above for error)")
    }
}
