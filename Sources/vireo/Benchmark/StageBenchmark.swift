import Foundation
import Processes

/// Measures the overhead of stages, by running this program on generated pipelines in a directory.
struct StageBenchmark {
    let directory: String

    /// Runs a matrix of `count` short commands, then repeats the run, which uses cached results.
    func stages(_ count: Int, _ report: inout BenchmarkReport) async throws {
        let places = (0..<count).map(String.init).joined(separator: ", ")
        let pipeline = try write(
            "stages",
            """
            name: stages
            stages:
              short:
                uses: command
                matrix: { place: [\(places)] }
                with: { run: [sh, -c, "echo $0 > $1/place", "${matrix.place}", "${out.made}"], outputs: [made] }

            """)
        report.add("stages", count)
        report.add("ms_per_stage", try await seconds(pipeline) * 1000 / Double(count), digits: 2)
        report.add("cached_run_s", try await seconds(pipeline), digits: 4)
    }

    /// Runs a command that copies `count` small files and one that lists them, then repeats the run.
    func files(_ count: Int, _ report: inout BenchmarkReport) async throws {
        let source = directory + "/small"
        try FileManager.default.createDirectory(
            atPath: source, withIntermediateDirectories: true)
        for place in 0..<count {
            try Data("file \(place)\n".utf8)
                .write(to: URL(fileURLWithPath: "\(source)/\(place)"))
        }
        let pipeline = try write(
            "files",
            """
            name: files
            stages:
              copy:
                uses: command
                with: { run: [cp, -r, small, "${out.made}"], files: [small], outputs: [made] }
              list:
                uses: command
                in: { copy: copy }
                with: { run: [sh, -c, "ls ${in.copy}/small > ${out.made}/names"], outputs: [made] }

            """)
        report.add("files", count)
        report.add("files_run_s", try await seconds(pipeline), digits: 3)
        report.add("files_cached_run_s", try await seconds(pipeline), digits: 4)
    }

    private func write(_ name: String, _ text: String) throws -> String {
        let path = "\(directory)/\(name).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The duration of a run of the pipeline file at `path`, in seconds.
    private func seconds(_ path: String) async throws -> Double {
        let time = Stopwatch()
        let child = try ChildProcess(
            .init(
                executable: try Machine.executable(),
                arguments: ["run", path, "--store", path + ".store"],
                environment: ProcessInfo.processInfo.environment, output: .lines, errors: .lines))
        for await case .ended(let status) in child.events where !status.isSuccess {
            throw CommandError.benchmark(path)
        }
        return time.seconds
    }
}
