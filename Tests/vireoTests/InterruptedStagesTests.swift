import Execution
import Foundation
import JSON
import Pipeline
import Processes
import Stages
import TestSupport
import Testing

/// Workers that are ended at random, and what their successors make of what they left.
///
/// `VIREO_INTERRUPTIONS=50` interrupts each kind of stage fifty times and tells how it went.
@Suite("Interrupted stages", .timeLimit(.minutes(60)))
struct InterruptedStagesTests {
    private static let wanted = ProcessInfo.processInfo.environment["VIREO_INTERRUPTIONS"]
        .flatMap { Int($0) }

    private let tool: Tool

    init() throws { tool = try Tool() }

    /// What one worker did.
    private struct Attempt {
        let ending: Ending
        let seconds: Double
        var isDone: Bool { ending.status?.isSuccess == true }
        var isResumed: Bool { ending.lines.contains { $0.contains(#""resumed""#) } }
    }

    /// When to end a worker: so many lines after its start and a little later.
    private struct Blow {
        let signal: Int32
        let line: Int
        let pause: useconds_t
    }

    /// One attempt at a stage in `name`, whose inputs are outputs `NAME/OUTPUT`.
    private func attempt(
        _ kind: String, as name: String, _ options: [String: JSONValue],
        in inputs: [String: String] = [:], threads: Int = 1, blow: Blow? = nil
    ) async throws -> Attempt {
        let type = try #require(StageRegistry.stage(named: kind))
        var values = options
        for option in type.kind.options where values[option.name] == nil {
            values[option.name] = option.fallback
        }
        let (root, files) = (tool.directory, FileManager.default)
        let outputs = Dictionary(
            uniqueKeysWithValues: type.kind.outputs.map { ($0.name, "\(root)/\(name)/\($0.name)") })
        // An attempt has fresh outputs and the work directory of those before it.
        if files.fileExists(atPath: "\(root)/\(name)") {
            try files.removeItem(atPath: "\(root)/\(name)")
        }
        for path in outputs.values + ["\(root)/\(name).work"] {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let job = Job(
            kind: kind, options: values, inputs: inputs.mapValues { ["\(root)/\($0)"] },
            outputs: outputs, work: "\(root)/\(name).work", directory: root, threads: threads)
        try job.write(to: "\(root)/\(name).json")
        let started = ContinuousClock.now
        let child = try tool.start(["worker", "\(root)/\(name).json"])
        var lines = 0
        let ending = await Tool.follow(child) { _ in
            lines += 1
            guard let blow, lines == blow.line else { return }
            usleep(blow.pause)
            killpg(child.pid, blow.signal)
        }
        return Attempt(ending: ending, seconds: (ContinuousClock.now - started) / .seconds(1))
    }

    private func contents(_ name: String) throws -> [String: Data] {
        let root = "\(tool.directory)/\(name)"
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
        return Dictionary(
            uniqueKeysWithValues: paths.compactMap { path in
                FileManager.default.contents(atPath: "\(root)/\(path)").map { (path, $0) }
            })
    }

    private static let training: [String: JSONValue] = [
        "steps": .integer(24), "batch": .integer(4), "accumulate": .integer(2), "ema": .number(0.9),
        "evaluate_every": .integer(4), "early_stop": .integer(4), "learning_rate": .number(0.01),
    ]

    /// Goes by the text of a response alone.
    private static let judge = """
        while read -r line; do
          id=${line#*:}; id=${id%%,*}
          response=${line#*response\\":\\"}; response=${response%%\\"*}
          case "$response" in *7*) verdict=null ;; *3*) verdict=true ;; *) verdict=false ;; esac
          echo '{"id":'$id',"correct":'$verdict'}'
        done
        """

    @Test(
        "However a worker ends, the next one makes the artifact of an uninterrupted one",
        arguments: ["train.sft", "train.posterior", "sample.traces", "sample.rollouts"])
    func interruptions(kind: String) async throws {
        for (name, kind, options) in [
            (
                "questions", "ingest.countdown",
                [
                    "train": JSONValue.integer(1100), "demonstrations": .integer(40),
                    "test": .integer(1),
                ]
            ),
            (
                "base", "train.pretrain",
                [
                    "steps": .integer(4), "hidden_size": .integer(16), "layers": .integer(1),
                    "heads": .integer(2), "key_value_heads": .integer(1), "head_size": .integer(8),
                    "intermediate_size": .integer(24), "batch": .integer(4),
                ]
            ),
        ] {
            let made = try await attempt(kind, as: name, options)
            try #require(made.isDone, "\(made.ending.text)")
        }
        let isTraining = kind.hasPrefix("train.")
        var options: [String: JSONValue] =
            isTraining
            ? Self.training : ["per_question": .integer(4), "max_tokens": .integer(24)]
        if kind == "sample.rollouts" {
            try tool.write(Self.judge, to: "judge.sh")
            options["verifier"] = .string("external")
            options["unjudged_limit"] = .integer(1)
            options["command"] = .array([.string("sh"), .string(tool.directory + "/judge.sh")])
        }
        let inputs =
            isTraining
            ? [
                "model": "base/model", "data": "questions/demonstrations",
                "validation": "questions/demonstrations",
            ] : ["model": "base/model", "questions": "questions/train"]
        let whole = try await attempt(kind, as: "whole", options, in: inputs)
        try #require(whole.isDone, "\(whole.ending.text)")
        let expected = try contents("whole")
        let lines = whole.ending.lines.count

        var random = SeededRandom(seed: UInt64(kind.utf8.count))
        let wanted = Self.wanted ?? 3
        var (interrupted, late, killed, resumed, different) = (0, 0, 0, 0, 0)
        while interrupted < wanted, late < 20 * wanted {
            let blow = Blow(
                signal: Bool.random(using: &random) ? SIGKILL : SIGTERM,
                line: Int.random(in: 1...lines, using: &random),
                pause: useconds_t(
                    Double.random(in: 0...1, using: &random) * 1e6 * whole.seconds / Double(lines)))
            var options = options
            if isTraining {
                options["checkpoint_steps"] = .integer(Int.random(in: 1...5, using: &random))
            }
            let name = "trial-\(interrupted + late)"
            let first = try await attempt(
                kind, as: name, options, in: inputs,
                threads: Int.random(in: 1...3, using: &random), blow: blow)
            if first.isDone {
                late += 1
                continue
            }
            interrupted += 1
            if blow.signal == SIGKILL { killed += 1 }
            let second = try await attempt(
                kind, as: name, options, in: inputs,
                threads: Int.random(in: 1...3, using: &random))
            #expect(second.isDone, "\(second.ending.text)")
            if second.isResumed { resumed += 1 }
            let isSame = try contents(name) == expected
            #expect(isSame, "\(name): \(blow)")
            if !isSame { different += 1 }
        }
        #expect(interrupted == wanted)
        if Self.wanted != nil {
            print(
                "\(kind): \(interrupted) interruptions, \(killed) of them kills; \(resumed) went on from a checkpoint, \(interrupted - resumed) started over; \(different) artifacts differ"
            )
        }
    }
}
