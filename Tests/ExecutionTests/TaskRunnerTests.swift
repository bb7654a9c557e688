import Execution
import Files
import Foundation
import JSON
import Pipeline
import Store
import TestSupport
import Testing

/// Tasks as a node runs them, with the toy worker.
@Suite(.timeLimit(.minutes(10)))
struct TaskRunnerTests {
    private let toy: ToyWorker
    private let shared: SharedDirectory
    private let key = Digest(of: "a stage")

    init() throws {
        toy = try ToyWorker()
        shared = SharedDirectory(toy.directory + "/shared", store: toy.directory, host: "here")
        try shared.prepare()
    }

    private var runner: TaskRunner {
        let script = toy.script
        return TaskRunner(environment: ["PATH": "/usr/bin:/bin"], host: "n1") { _ in
            ["/bin/sh", script]
        }
    }

    /// Writes the file of an attempt and a list with it. Returns the list.
    private func describe(
        _ action: String, attempt: Int = 1, program: String? = nil, files: [NamedFile] = [],
        digests: [String: Digest] = [:]
    ) throws -> String {
        let directory = shared.tasks(key)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let job = Job(
            kind: "make", options: ["text": .string("hello"), "do": .string(action)], inputs: [:],
            outputs: [:], work: "", directory: toy.directory, threads: 1)
        let task = TaskDescription(
            name: "\(key.hex).a\(attempt)", program: program, job: job, outputs: ["files"],
            inputs: shared.artifacts, memory: nil, timeout: nil, files: files, digests: digests,
            hasSecrets: false)
        let file = "\(directory)/a\(attempt).json"
        try task.json.canonical.write(toFile: file, atomically: true, encoding: .utf8)
        let list = shared.arrays + "/list"
        try (file + "\n").write(toFile: list, atomically: true, encoding: .utf8)
        return list
    }

    private func published(attempt: Int = 1) -> TaskResult? {
        TaskResult.read("\(shared.results)/\(key.hex).a\(attempt).json")
    }

    @Test("A task publishes the digests of its outputs, and is not run again")
    func publishing() async throws {
        let list = try describe("write")
        #expect(try await runner.run(list: list, index: 0) == 0)
        let result = try #require(published())
        #expect(result.status == 0 && result.error == nil && result.place.host == "n1")
        let output = TaskStart(path: result.start).output("files")
        #expect(try String(contentsOfFile: output + "/file", encoding: .utf8) == "hello")
        #expect(try result.outputs == ["files": ArtifactContents(of: output).digest.hex])
        #expect(try await runner.run(list: list, index: 0) == 0)
        #expect(TaskStart.all(in: shared.tasks(key)).count == 1)
    }

    @Test("A failure is a result too, with the words of the worker")
    func failure() async throws {
        #expect(try await runner.run(list: describe("fail"), index: 0) == 0)
        let result = try #require(published())
        #expect(result.status == 1 && result.error == "the toy broke" && !result.isLasting)
        #expect(try await runner.run(list: describe("lasting", attempt: 2), index: 0) == 0)
        #expect(published(attempt: 2)?.isLasting == true)
    }

    @Test("The next start has the checkpoints and the metrics of the one before")
    func resumption() async throws {
        // The toy dies after its checkpoint, which is a failure of this attempt.
        #expect(try await runner.run(list: describe("resume"), index: 0) == 0)
        #expect(published()?.error == "the worker process was killed by signal 9")
        #expect(try await runner.run(list: describe("resume", attempt: 2), index: 0) == 0)
        let second = try #require(published(attempt: 2))
        #expect(second.status == 0)
        let start = TaskStart(path: second.start)
        #expect(
            try String(contentsOfFile: start.output("files") + "/file", encoding: .utf8) == "half\n"
        )
        let events = try String(contentsOfFile: start.events, encoding: .utf8)
        #expect(events.contains("\"resumed\""))
    }

    @Test("Of two copies of a task, the first that ends wins, and the other leaves its outputs out")
    func copies() async throws {
        let list = try describe("slowly")
        let runner = runner
        async let first = runner.run(list: list, index: 0)
        async let second = runner.run(list: list, index: 0)
        _ = try await (first, second)
        let starts = TaskStart.all(in: shared.tasks(key))
        #expect(starts.count == 2)
        let result = try #require(published())
        let kept = starts.filter { FileManager.default.fileExists(atPath: $0.output("files")) }
        #expect(kept.map(\.path) == [result.start])
    }

    @Test("A stopped task has no result, and says how far it got")
    func interruption() async throws {
        let list = try describe("hang")
        let runner = runner
        let work = Task { try await runner.run(list: list, index: 0) }
        while TaskStart.all(in: shared.tasks(key)).isEmpty || toy.ran.isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        work.cancel()
        #expect(try await work.value == 75)
        #expect(published() == nil)
        let start = try #require(TaskStart.all(in: shared.tasks(key)).first)
        #expect(FileManager.default.fileExists(atPath: start.interruption))
    }

    @Test("A node with another program, or with other files, says so")
    func otherNode() async throws {
        #expect(
            try await runner.run(list: describe("write", program: "another"), index: 0) == 0)
        #expect(
            published()?.error
                == "the program on n1 is not the one of the coordinator: install the same build there, or leave "
                + "`worker` out of the profile")
        let path = toy.directory + "/data.txt"
        try "new".write(toFile: path, atomically: true, encoding: .utf8)
        let file = NamedFile(label: "data", written: "data.txt", path: path, contents: .file)
        let list = try describe(
            "write", attempt: 2, files: [file], digests: ["data": Digest(of: "old")])
        #expect(try await runner.run(list: list, index: 0) == 0)
        #expect(published(attempt: 2)?.error?.contains("data.txt") == true)
    }
}
