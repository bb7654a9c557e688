import Execution
import Foundation
import Pipeline
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
            .event(.resumed(step: 7)), .failed("broken / there"), .cancelled,
        ])
    func roundTrip(message: WorkerMessage) {
        let line = String(decoding: message.line, as: UTF8.self)
        #expect(line.last == "\n" && !line.dropLast().contains("\n"))
        #expect(WorkerMessage(line: String(line.dropLast())) == message)
    }

    @Test("Events in the spelling of older workers are read")
    func olderSpelling() {
        #expect(
            WorkerMessage(
                line: #"{"event":{"_0":{"metric":{"name":"loss","step":1,"value":0.5}}}}"#)
                == .event(.metric(name: "loss", step: 1, value: 0.5)))
    }

    @Test("Other lines are no messages")
    func otherLines() {
        #expect(WorkerMessage(line: "Compiling...") == nil)
        #expect(WorkerMessage(line: "{\"event\":1}") == nil)
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
