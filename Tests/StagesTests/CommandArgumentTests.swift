import Foundation
import JSON
import Pipeline
import TestSupport
import Testing

import Stages

@Suite("Arguments of commands", .timeLimit(.minutes(10)))
struct CommandArgumentTests {
    private func resolved(
        _ run: [String], inputs: [String: [String]] = [:], manifests: JSONValue? = nil,
        work: String = "/w"
    ) throws -> [String] {
        var options: [String: JSONValue] = ["run": .array(run.map { .string($0) })]
        options[Options.manifests] = manifests
        return try CommandArguments(
            StageContext(
                options: Options(options), inputs: inputs, outputs: ["o": "/out/o"], work: work,
                threads: 1, emit: { _ in }, isCancelled: { false })
        ).resolved()
    }

    @Test("A gathered input of its own is an argument for each directory, blanks or not")
    func gathered() throws {
        #expect(
            try resolved(
                ["a", "${in.x}", "${in.y}", "${out.o}/f"],
                inputs: ["x": ["/a b/1", "/a b/2"], "y": ["/c"]])
                == ["a", "/a b/1", "/a b/2", "/c", "/out/o/f"])
    }

    @Test("Inside a longer text directories are joined unless their paths contain blanks")
    func joined() throws {
        #expect(
            try resolved(["ls ${in.x}"], inputs: ["x": ["/a/1", "/a/2"]]) == ["ls /a/1 /a/2"])
        #expect(try resolved(["ls ${in.x}"], inputs: ["x": ["/a b/1"]]) == ["ls /a b/1"])
        #expect(throws: CommandStageError.blanksInGathered("x")) {
            try resolved(["ls ${in.x}"], inputs: ["x": ["/a b/1", "/a b/2"]])
        }
    }

    @Test("A directory's name is not read again, and a doubled dollar is text")
    func onePass() throws {
        #expect(
            try resolved(["-${in.x}-", "$${out.o} $$${out.o}"], inputs: ["x": ["/${out.o}"]])
                == ["-/${out.o}-", "${out.o} $/out/o"])
    }

    @Test("The work directory is one of its own, and is made only if an argument names it")
    func work() throws {
        let temporary = try TemporaryDirectory()
        let path: String = temporary.path + "/program"
        let last: String = path + "/last"
        let without: [String] = try resolved(["a", "${out.o}"], work: temporary.path)
        #expect(without == ["a", "/out/o"])
        #expect(!FileManager.default.fileExists(atPath: path))
        let named: [String] = try resolved(["${stage.work}/last"], work: temporary.path)
        #expect(named == [last])
        try "3".write(toFile: last, atomically: true, encoding: .utf8)
        // The next attempt finds what this one left.
        let again: [String] = try resolved(["${stage.work}"], work: temporary.path)
        #expect(again == [path])
        #expect(try String(contentsOfFile: last, encoding: .utf8) == "3")
    }

    @Test("A manifest has a line for each directory with its stage and coordinates")
    func manifest() throws {
        let work = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let entries = (0..<2).map {
            JSONValue.object(["stage": .string("a[i=\($0)]"), "axes": .object(["i": .integer($0)])])
        }
        let arguments = try resolved(
            ["a", "--list=${in.x.manifest}"], inputs: ["x": ["/d/0", "/d/1"]],
            manifests: .object(["x": .array(entries)]), work: work)
        let path = try #require(arguments.last?.dropFirst("--list=".count))
        #expect(
            try String(contentsOfFile: String(path), encoding: .utf8) == """
                {"axes":{"i":0},"directory":"/d/0","stage":"a[i=0]"}
                {"axes":{"i":1},"directory":"/d/1","stage":"a[i=1]"}

                """)
    }

    @Test("Arguments that the system would not take are refused with the remedy")
    func tooLong() throws {
        let long = String(repeating: "x", count: 131_072)
        let error = #expect(throws: CommandStageError.self) {
            try CommandArguments.check(["a", long], environment: [:])
        }
        #expect(error?.description.contains("${in.NAME.manifest}") == true)
        try CommandArguments.check([String(long.dropLast())], environment: [:])
        #expect(throws: CommandStageError.self) {
            try CommandArguments.check(
                Array(repeating: String(repeating: "x", count: 100_000), count: 1_000),
                environment: [:])
        }
    }
}
