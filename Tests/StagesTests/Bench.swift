import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Synchronization
import TestSupport

/// A directory in which stages run one by one, as a worker runs them after the checks of their kinds.
struct Bench {
    private let temporary: TemporaryDirectory
    var directory: String { temporary.path }

    init() throws {
        temporary = try TemporaryDirectory()
    }

    /// Writes a shell script that can be executed, and returns its path, for an option.
    func script(_ name: String, _ text: String) throws -> JSONValue {
        let path = "\(directory)/\(name)"
        try text.write(toFile: path + ".sh", atomically: true, encoding: .utf8)
        // A child of another test may inherit a file that is open for writing, which cannot be executed then.
        let copying = Process()
        copying.executableURL = URL(fileURLWithPath: "/bin/sh")
        copying.arguments = ["-c", "cp \"$0.sh\" \"$0\" && chmod 755 \"$0\"", path]
        try copying.run()
        copying.waitUntilExit()
        return .string(path)
    }

    /// What a stage told.
    final class Log: Sendable {
        private let all = Mutex<[StageEvent]>([])
        func add(_ event: StageEvent) { all.withLock { $0.append(event) } }
        var events: [StageEvent] { all.withLock { $0 } }

        func last(_ name: String) -> Double? {
            events.compactMap {
                if case .metric(name, _, let value) = $0 { value } else { nil }
            }.last
        }

        var lines: [String] {
            events.compactMap { if case .log(let line) = $0 { line } else { nil } }
        }
    }

    /// Runs a stage that is stopped after asking `limit` times whether to, again and again until it ends. How often it
    /// began, and what the last attempt told; each has another number of threads, up to `threads`.
    func runInParts(
        _ kind: String, as name: String, _ options: [String: JSONValue] = [:],
        in inputs: [String: [String]], stopAfter limit: Int, threads: Int = 2
    ) async throws -> (attempts: Int, log: Log) {
        var attempts = 0
        while true {
            attempts += 1
            do {
                let log = try await run(
                    kind, as: name, options, in: inputs, threads: attempts % threads + 1,
                    stopAfter: limit)
                return (attempts, log)
            } catch is CancellationError {}
        }
    }

    /// With questions, and a model that ends traces and answers now and then and is too small to be good at anything.
    static func withPrior(questions: Int = 12) async throws -> Bench {
        let bench = try Bench()
        try await bench.run(
            "ingest.countdown", as: "questions",
            ["train": .integer(questions), "demonstrations": .integer(6), "test": .integer(8)])
        try await bench.run(
            "train.pretrain", as: "base",
            [
                "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
                "key_value_heads": .integer(1), "head_size": .integer(8),
                "intermediate_size": .integer(24), "batch": .integer(4), "warmup": .integer(2),
                "steps": .integer(12),
            ])
        try await bench.run(
            "train.sft", as: "prior", ["steps": .integer(60), "learning_rate": .number(0.01)],
            in: ["model": ["base/model"], "data": ["questions/demonstrations"]])
        return bench
    }

    /// Runs a stage under `name`; its outputs are directories `name/output`.
    @discardableResult
    func run(
        _ kind: String, as name: String, _ options: [String: JSONValue] = [:],
        in inputs: [String: [String]] = [:], outputs names: [String]? = nil, threads: Int = 2,
        stopAfter limit: Int = .max
    ) async throws -> Log {
        let type = StageRegistry.stage(named: kind)!
        var values = options
        for option in type.kind.options where values[option.name] == nil {
            values[option.name] = option.fallback
        }
        let settings = StageSettings(
            options: Options(values), inputs: inputs.mapValues(\.count))
        if let mistake = type.kind.mistakes(in: settings).first { throw mistake }
        var outputs: [String: String] = [:]
        for output in names ?? type.kind.outputs.map(\.name) {
            outputs[output] = "\(directory)/\(name)/\(output)"
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(name)/\(output)", withIntermediateDirectories: true)
        }
        let work = "\(directory)/\(name).work"
        try FileManager.default.createDirectory(
            atPath: work, withIntermediateDirectories: true)
        let log = Log()
        let steps = Mutex(0)
        let context = StageContext(
            options: Options(values),
            inputs: inputs.mapValues { $0.map { $0.hasPrefix("/") ? $0 : "\(directory)/\($0)" } },
            outputs: outputs, work: work, threads: threads, emit: { log.add($0) },
            isCancelled: {
                steps.withLock { count in
                    count += 1
                    return count > limit
                }
            })
        try await type.init().run(in: context)
        return log
    }

    func write(_ lines: [String], to path: String) throws {
        let url = URL(fileURLWithPath: directory + "/" + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try (lines.joined(separator: "\n") + "\n").write(
            to: url, atomically: true, encoding: .utf8)
    }

    func read<Record: Decodable>(_ type: Record.Type, _ path: String) throws -> [Record] {
        try JSONLines.read(type, from: directory + "/" + path)
    }

    func data(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: directory + "/" + path))
    }
}
