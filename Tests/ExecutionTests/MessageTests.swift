import Execution
import Files
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MessageTests {
    @Test(
        "Messages are read back from their lines",
        arguments: [
            WorkerMessage.event(.progress(done: 3, total: 9, unit: "step")),
            .event(.metric(name: "loss", step: 2, value: 0.125)),
            .event(.metric(name: "loss", step: 2, value: -.infinity)),
            .event(.log("a \"quoted\"\nline")), .event(.checkpoint(step: 7)),
            .event(.warning("w")), .event(.resumed(step: 7)), .failed("broken / there"), .cancelled,
            .ended(
                JobEnd(token: "t", status: 1, cpuSeconds: 0.5, peakMemory: 7, error: "a\n\"b\"")),
            .ended(JobEnd(token: "", status: 0, cpuSeconds: 1, peakMemory: 7, error: nil)),
        ])
    func roundTrip(message: WorkerMessage) {
        let line = String(decoding: message.line, as: UTF8.self)
        #expect(line.last == "\n" && !line.dropLast().contains("\n"))
        #expect(WorkerMessage(line: String(line.dropLast())) == message)
    }

    @Test("A message is an object with one member, its kind")
    func spelling() {
        func line(_ message: WorkerMessage) -> String {
            String(decoding: message.line.dropLast(), as: UTF8.self)
        }
        #expect(line(.event(.checkpoint(step: 7))) == #"{"checkpoint":{"step":7}}"#)
        #expect(line(.event(.log("a"))) == #"{"log":{"text":"a"}}"#)
        #expect(line(.failed("a")) == #"{"failed":"a"}"#)
        #expect(line(.cancelled) == #"{"cancelled":{}}"#)
        let end = WorkerMessage.ended(
            JobEnd(token: "t", status: 130, cpuSeconds: 0.5, peakMemory: 7, error: nil))
        #expect(
            line(end)
                == #"{"ended":{"cpuSeconds":0.5,"peakMemory":7,"status":130,"token":"t"}}"#)
        #expect(line(end).hasPrefix(WorkerMessage.endStart))
    }

    @Test(
        "Other lines are no messages",
        arguments: [
            "", "Compiling...", "{}", #"{"event":1}"#, #"{"failed":1}"#, #"{"cancelled":1}"#,
            #"{"cancelled":{},"failed":"a"}"#, #"{"ended":[0,0.0,1]}"#, #"{"ended":{}}"#,
            #"{"ended":{"token":1"#,
        ])
    func otherLines(line: String) {
        #expect(WorkerMessage(line: line) == nil)
    }

    @Test("A job is read back from its file")
    func job() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let job = Job(
            kind: "train.sft",
            options: [
                "steps": .integer(3), "rate": .number(0.001), "names": .array([.string("a\"b")]),
            ],
            inputs: ["model": ["/x/y"]], outputs: ["model": "/out"], work: "/w", directory: "/d",
            threads: 2)
        try job.write(to: path)
        #expect(try Job(path: path) == job)
        #expect(try Job(line: job.line).prefix == nil)
    }

    @Test("The description of a task is read back from its file, with its environment")
    func task() throws {
        let directory = try TemporaryDirectory()
        let environment = ProgramEnvironment.apptainer("/i.sif", options: ["--nv"])
        let key = Digest(of: "a key")
        let job = Job(
            kind: "command", options: [:], inputs: [:], outputs: [:], work: "", directory: "/lab",
            threads: 1, prefix: environment.prefix(directory: "/lab", shared: ["/lab"]))
        let task = TaskDescription(
            name: TaskDirectory.name(key, 1), program: nil, job: job, outputs: ["o"], inputs: "/in",
            memory: nil,
            timeout: 3, files: [environment.file, ProgramEnvironment.conda("/e").file],
            digests: ["environment": Digest(of: "an image")], hasSecrets: true)
        let path = try directory.write(task.json.canonical, to: key.hex + "/a1.json")
        #expect(try TaskDescription(path: path) == task)
    }

    @Test("The place of a wrong value in a job has the names of members as they are")
    func place() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let start = #"{"kind":"verify","options":{},"work":"w","directory":"/","outputs":{},"#
        for (rest, field) in [
            (#""inputs":{"7":["x",8]},"threads":1}"#, "inputs.7.1"),
            (#""inputs":{},"threads":0.5}"#, "threads"),
        ] {
            try (start + rest).write(toFile: path, atomically: true, encoding: .utf8)
            #expect {
                _ = try Job(path: path)
            } throws: { error in
                "\(error)".hasSuffix("it is not a job file: `\(field)` has the wrong type")
            }
        }
    }
}
