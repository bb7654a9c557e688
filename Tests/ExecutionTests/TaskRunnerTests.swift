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
        digests: [String: Digest] = [:], hasSecrets: Bool = false
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
            hasSecrets: hasSecrets)
        let file = "\(directory)/a\(attempt).json"
        try write(task.json.canonical, to: file)
        let list = shared.arrays + "/list"
        try write(file + "\n", to: list)
        return list
    }

    /// Writes a file that only its user may write, whatever the umask is.
    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private func text(_ error: (any Error)?) -> String? { error.map { "\($0)" } }

    private func published(attempt: Int = 1) throws -> TaskResult? {
        try TaskResult.read("\(shared.results)/\(key.hex).a\(attempt).json")
    }

    @Test("A start is named after the node as the batch system calls it, while it runs and later")
    func node() async throws {
        let script = toy.script
        let runner = TaskRunner(
            environment: ["PATH": "/usr/bin:/bin", "SLURMD_NODENAME": "rack-1-n7"], host: "host"
        ) { _ in ["/bin/sh", script] }
        #expect(try await runner.run(list: try describe("write"), index: 0) == 0)
        let result = try #require(try published())
        #expect(result.place.host == "rack-1-n7")
        #expect(TaskStart(path: result.start).host == "rack-1-n7")
    }

    @Test("A task publishes the digests of its outputs, and is not run again")
    func publishing() async throws {
        let list = try describe("write")
        #expect(try await runner.run(list: list, index: 0) == 0)
        let result = try #require(try published())
        #expect(result.status == 0 && result.error == nil && result.place.host == "n1")
        let output = TaskStart(path: result.start).output("files")
        #expect(try String(contentsOfFile: output + "/file", encoding: .utf8) == "hello")
        #expect(try result.outputs == ["files": ArtifactContents(of: output).digest.hex])
        #expect(try await runner.run(list: list, index: 0) == 0)
        #expect(try TaskStart.all(in: shared.tasks(key)).count == 1)
    }

    @Test("A failure is a result too, with the words of the worker")
    func failure() async throws {
        #expect(try await runner.run(list: describe("fail"), index: 0) == 0)
        let result = try #require(try published())
        #expect(result.status == 1 && result.error == "the toy broke" && !result.isLasting)
        #expect(try await runner.run(list: describe("lasting", attempt: 2), index: 0) == 0)
        #expect(try published(attempt: 2)?.isLasting == true)
    }

    @Test("The next start has the checkpoints and the metrics of the one before")
    func resumption() async throws {
        // The toy dies after its checkpoint, which is a failure of this attempt.
        #expect(try await runner.run(list: describe("resume"), index: 0) == 0)
        #expect(try published()?.error == "the worker process was killed by signal 9")
        #expect(try await runner.run(list: describe("resume", attempt: 2), index: 0) == 0)
        let second = try #require(try published(attempt: 2))
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
        let starts = try TaskStart.all(in: shared.tasks(key))
        #expect(starts.count == 2)
        let result = try #require(try published())
        let kept = starts.filter { FileManager.default.fileExists(atPath: $0.output("files")) }
        #expect(kept.map(\.path) == [result.start])
    }

    @Test("A stopped task has no result, and says how far it got")
    func interruption() async throws {
        let list = try describe("hang")
        let runner = runner
        let work = Task { try await runner.run(list: list, index: 0) }
        while try TaskStart.all(in: shared.tasks(key)).isEmpty || toy.ran.isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        work.cancel()
        #expect(try await work.value == 75)
        #expect(try published() == nil)
        let start = try #require(try TaskStart.all(in: shared.tasks(key)).first)
        #expect(FileManager.default.fileExists(atPath: start.interruption))
    }

    @Test("A node with another program, or with other files, says so")
    func otherNode() async throws {
        #expect(
            try await runner.run(list: describe("write", program: key.hex), index: 0) == 0)
        #expect(
            try published()?.error
                == "the program on n1 is not the one of the coordinator: install the same build there, or leave "
                + "`worker` out of the profile")
        let path = toy.directory + "/data.txt"
        try "new".write(toFile: path, atomically: true, encoding: .utf8)
        let file = NamedFile(label: "data", written: "data.txt", path: path, contents: .file)
        let list = try describe(
            "write", attempt: 2, files: [file], digests: ["data": Digest(of: "old")])
        #expect(try await runner.run(list: list, index: 0) == 0)
        #expect(try published(attempt: 2)?.error?.contains("data.txt") == true)
    }

    @Test(
        "A task file with a value that is missing, wrong or out of range names the value",
        arguments: [
            ("threads\":1", "threads\":0", "threads"),
            ("threads\":1", "threads\":100000", "threads"),
            ("secrets\":false", "secrets\":0", "secrets"),
            ("outputs\":[\"files\"]", "outputs\":[\"../files\"]", "outputs"),
            ("outputs\":[\"files\"]", "outputs\":[\"files\",1]", "outputs"),
            ("inputs\":\"/", "inputs\":\"", "inputs"),
            ("files\":[]", "files\":[{}]", "files"),
            ("digests\":{}", "digests\":{\"a\":\"b\"}", "digests"),
            ("secrets\":false", "secrets\":false,\"timeout\":-1", "timeout"),
            ("secrets\":false", "secrets\":false,\"timeout\":1e30", "timeout"),
            ("secrets\":false", "secrets\":false,\"memory\":-1", "memory"),
            ("secrets\":false", "secrets\":false,\"program\":7", "program"),
            ("secrets\":false", "secrets\":false,\"more\":7", "more"),
            (".a1\"", ".a2\"", "name"),
        ])
    func damagedTask(part: String, replacement: String, field: String) async throws {
        let list = try describe("write")
        let file = shared.tasks(key) + "/a1.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains(part))
        try write(text.replacing(part, with: replacement), to: file)
        let error = #expect(throws: (any Error).self) { try TaskDescription(path: file) }
        #expect(
            self.text(error)
                == "cannot use \(file): it is not a task file: `\(field)` is missing or wrong")
        #expect(try await runner.run(list: list, index: 0) == 1)
        #expect(try published() == nil)
    }

    @Test("A file that is cut, that others may write or that is a link is no task")
    func untrustedTask() throws {
        _ = try describe("write")
        let file = shared.tasks(key) + "/a1.json"
        func problem() -> String? {
            text(#expect(throws: (any Error).self) { try TaskDescription(path: file) })
        }
        chmod(file, 0o622)
        #expect(problem() == "cannot use \(file): other users may write to it")
        try write("{", to: file)
        #expect(problem() == "cannot use \(file): it is not a task file")
        unlink(file)
        #expect(problem() == "cannot read \(file): No such file or directory")
        symlink("/dev/null", file)
        #expect(problem() == "cannot use \(file): it is not a regular file")
    }

    @Test("A file of another user is not believed", .enabled(if: geteuid() == 0))
    func owners() async throws {
        let list = try describe("write")
        let file = shared.tasks(key) + "/a1.json"
        chown(file, 12345, 0)
        let error = #expect(throws: (any Error).self) { try TaskDescription(path: file) }
        #expect(
            text(error)
                == "cannot use \(file): it belongs to the user 12345 and not to the one of this process, 0"
        )
        #expect(try await runner.run(list: list, index: 0) == 1)
        chown(shared.results, 12345, 0)
        let directory = #expect(throws: (any Error).self) { try shared.prepare() }
        #expect(
            text(directory)
                == "cannot use \(shared.results): it belongs to the user 12345 and not to the one of this process, 0"
        )
    }

    @Test(
        "A result with a number that no start can have is not believed",
        arguments: [
            ("\"seconds\":2.5", "\"seconds\":-1", "seconds"),
            ("\"seconds\":2.5", "\"seconds\":1e300", "seconds"),
            ("\"seconds\":2.5", "\"seconds\":\"nan\"", "seconds"),
            ("\"cpuSeconds\":3.5", "\"cpuSeconds\":\"inf\"", "cpuSeconds"),
            ("\"peakMemory\":4", "\"peakMemory\":9000000000000000000", "peakMemory"),
            ("\"status\":0", "\"status\":-5", "status"),
            ("\"restarts\":0", "\"restarts\":-1", "place"),
            ("\"host\":\"n1\"", "\"host\":\"\\u001b[2J\"", "place"),
            ("\"start\":\"/", "\"start\":\"", "start"),
            ("\"outputs\":{", "\"outputs\":{\"b\":\"c\",", "outputs"),
        ])
    func damagedResult(part: String, replacement: String, field: String) throws {
        let result = TaskResult(
            start: "/s", status: 0, error: nil, isLasting: false, seconds: 2.5, cpuSeconds: 3.5,
            peakMemory: 4, outputs: ["a": key.hex],
            place: .init(host: "n1", job: "1_0", restarts: 0))
        let text = String(decoding: JSONLine.encode(result), as: UTF8.self)
        #expect(text.contains(part))
        let path = shared.results + "/r.json"
        try write(text, to: path)
        #expect(try TaskResult.read(path) == result)
        try write(text.replacing(part, with: replacement), to: path)
        let error = #expect(throws: (any Error).self) { try TaskResult.read(path) }
        #expect(
            self.text(error)
                == "cannot use \(path): it is not a result: `\(field)` is out of range")
        try write(String(text.dropLast()), to: path)
        let cut = #expect(throws: (any Error).self) { try TaskResult.read(path) }
        #expect(self.text(cut) == "cannot use \(path): it is not a result")
    }

    @Test("Only this user can use what is in the shared directory, which may belong to a group")
    func permissions() async throws {
        chmod(shared.path, 0o2775)
        chmod(shared.results, 0o777)
        try shared.prepare()
        _ = try await runner.run(list: describe("write"), index: 0)
        func mode(_ path: String) -> UInt32 { (FileStamp(of: path)?.mode ?? 0) & 0o777 }
        #expect(mode(shared.path) == 0o775)
        let start = try #require(try TaskStart.all(in: shared.tasks(key)).first)
        for directory in [shared.own, shared.results, shared.arrays, shared.programs, start.path] {
            #expect(mode(directory) == 0o700, "\(directory)")
        }
        #expect(mode(start.path + "/result.json") == 0o600)
    }

    @Test("The copy of the program is beside copies of the programs that it uses, if they exist")
    func programs() throws {
        let names = ["vireo", "vireo-http"]
        for name in names { try write(name, to: shared.path + "/" + name) }
        chmod(shared.path + "/vireo-http", 0o755)
        let others = ["vireo-http", "other"].map { shared.path + "/" + $0 }
        let copy = try shared.install(shared.path + "/vireo", with: others)
        let directory = FilePath.parent(copy)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == names)
        #expect(
            try String(contentsOfFile: directory + "/vireo-http", encoding: .utf8) == "vireo-http")
    }

    @Test(
        "A new start of a stage with secrets removes the earlier ones after it has taken their checkpoints"
    )
    func secrets() async throws {
        let list = try describe("resume", hasSecrets: true)
        let old = try TaskStart(in: shared.tasks(key), host: "n0")
        try write("half\n", to: old.work + "/half")
        #expect(try await runner.run(list: list, index: 0) == 0)
        let result = try #require(try published())
        #expect(result.status == 0)
        #expect(try TaskStart.all(in: shared.tasks(key)).map(\.path) == [result.start])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: shared.tasks(key) + "/starts").count
                == 1)
        // The copy on the other node ends later.
        let late = TaskResult(
            start: old.path, status: 1, error: "lost", isLasting: false, seconds: 1, cpuSeconds: 1,
            peakMemory: 1, outputs: [:], place: .init(host: "n0", job: nil, restarts: 0))
        #expect(throws: (any Error).self) { try late.publish(at: shared.results + "/late.json") }
    }

    @Test("A new start copies links and directories of the one before, and leaves out pipes")
    func specialFiles() throws {
        let directory = shared.own + "/tasks"
        let old = try TaskStart(in: directory, host: "n1")
        let inner = old.work + "/program/inner"
        try FileManager.default.createDirectory(
            atPath: inner, withIntermediateDirectories: true)
        try write("kept", to: inner + "/file")
        symlink("/nowhere", inner + "/link")
        mkfifo(inner + "/pipe", 0o600)
        chmod(inner, 0o500)
        defer { chmod(inner, 0o700) }
        let new = try TaskStart(in: directory, host: "n2").work + "/program/inner"
        defer { chmod(new, 0o700) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: new).sorted() == ["file", "link"])
        #expect(try String(contentsOfFile: new + "/file", encoding: .utf8) == "kept")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: new + "/link") == "/nowhere")
        #expect((FileStamp(of: new)?.mode ?? 0) & 0o777 == 0o500)
    }

    @Test("A new start shares the files of complete checkpoints of engines, and copies all others")
    func checkpoints() throws {
        let directory = shared.own + "/tasks"
        let old = try TaskStart(in: directory, host: "n1")
        let names = [
            "checkpoint-20/weights", "checkpoint-20/global_step20/part", "checkpoint-x/weights",
            "rollouts/1", "state",
        ]
        for name in names {
            try FileManager.default.createDirectory(
                atPath: FilePath.parent("\(old.work)/\(name)"), withIntermediateDirectories: true)
            try write(name, to: "\(old.work)/\(name)")
        }
        try FileManager.default.createDirectory(
            atPath: old.work + "/checkpoint-30.partial", withIntermediateDirectories: true)
        let new = try TaskStart(in: directory, host: "n2")
        let linked = names.filter {
            FileStamp(of: "\(old.work)/\($0)")?.inode == FileStamp(of: "\(new.work)/\($0)")?.inode
        }
        #expect(linked == Array(names.prefix(2)))
        #expect(FileStamp(of: new.work + "/checkpoint-30.partial") == nil)
        // The new start lets go of a checkpoint; the old one, which may still run, keeps it.
        try FileManager.default.removeItem(atPath: new.work + "/checkpoint-20")
        for name in names {
            #expect(try String(contentsOfFile: "\(old.work)/\(name)", encoding: .utf8) == name)
        }
    }

    @Test("A second copy of a task starts while the first one renames and removes files")
    func movingFiles() async throws {
        let directory = shared.own + "/tasks"
        let program = try TaskStart(in: directory, host: "n1").work + "/program"
        try FileManager.default.createDirectory(
            atPath: program, withIntermediateDirectories: true)
        let writer = Task.detached {
            var number = 0
            while !Task.isCancelled {
                number += 1
                let path = "\(program)/\(number)"
                try "state".write(toFile: path + ".new", atomically: false, encoding: .utf8)
                rename(path + ".new", path)
                if number > 50 { unlink("\(program)/\(number - 50)") }
            }
        }
        // Each start copies the files of the latest one, so the others must go.
        for _ in 0..<20 {
            let start = try TaskStart(in: directory, host: "n2")
            try FileManager.default.removeItem(atPath: start.path)
        }
        writer.cancel()
        try await writer.value
    }

    @Test("An earlier start that has a result is kept, because it may be published")
    func secretResult() async throws {
        let list = try describe("write", hasSecrets: true)
        let old = try TaskStart(in: shared.tasks(key), host: "n0")
        try write("{}", to: old.result)
        #expect(try await runner.run(list: list, index: 0) == 0)
        #expect(try TaskStart.all(in: shared.tasks(key)).first == old)
    }

    @Test("A later process copies what the log of a start has more than an earlier one copied")
    func logs() throws {
        let start = try TaskStart(in: shared.own + "/tasks", host: "n1")
        let log = toy.directory + "/log.txt"
        try write("one\n", to: start.log)
        var first = StartLogs(log)
        try first.copy(start)
        try first.copy(start)
        try write("one\ntwo\n", to: start.log)
        var second = StartLogs(log)
        try second.copy(start)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "one\ntwo\n")
    }
}
