import Files
import Foundation
import Pipeline

/// A line of the rows of an exported run: one of these.
struct ExchangedRow: Codable {
    var run: ExchangedRun?
    var artifact: ExchangedArtifact?
    var execution: ExchangedExecution?
    var metrics: ExchangedMetrics?
    var event: ExchangedEvent?

    /// The line, without its end. The same row gives the same bytes.
    func line() throws -> Data { try ExchangeManifest.encode(self) }
}

/// The row of a run, its parameters and its stages, which name executions by their place in the file.
struct ExchangedRun: Codable, Hashable {
    struct Parameter: Codable, Hashable {
        let name: String
        let value: String
    }

    struct Stage: Codable, Hashable {
        let id: String
        let name: String
        let kind: String
        let ordinal: Int
        let execution: Int?
        let outcome: String
        let reason: String?
    }

    let pipeline: String
    let path: String
    let source: String
    let revision: String?
    let program: String
    let machine: String
    let started: String
    let finished: String
    let outcome: String
    let parameters: [Parameter]
    let stages: [Stage]

    /// What is wrong with its values; `nil` if nothing is.
    var problem: String? {
        for time in [started, finished] where !Timestamp.isValid(time) {
            return "\(time.shown) is not a time"
        }
        for stage in stages where !ExchangeLimits.contains(stage.ordinal) {
            return "the position of stage \(stage.id.shown) is out of range"
        }
        return nil
    }
}

/// An artifact and its files.
struct ExchangedArtifact: Codable, Hashable {
    struct File: Codable, Hashable {
        let path: String
        let bytes: Int
        let sha256: String
        /// Left out for files that may not be executed.
        var executable: Bool?
    }

    let digest: String
    let files: [File]
    /// The empty ones; left out where there are none.
    var directories: [String]?

    var contents: ArtifactContents? {
        var known: [ArtifactContents.File] = []
        var total = 0
        for file in files {
            // No size is so large that a sum of sizes overflows.
            guard let digest = Digest(hex: file.sha256), file.bytes >= 0,
                file.bytes <= ExchangeLimits.largest - total, ArtifactContents.isSafe(file.path)
            else { return nil }
            total += file.bytes
            known.append(
                .init(
                    path: file.path, bytes: file.bytes, sha256: digest,
                    isExecutable: file.executable ?? false))
        }
        let directories = directories ?? []
        guard directories.allSatisfy(ArtifactContents.isSafe) else { return nil }
        return ArtifactContents(known, emptyDirectories: directories)
    }
}

/// An execution with its lineage. Producers stand before it in the file.
struct ExchangedExecution: Codable, Hashable {
    struct Input: Codable, Hashable {
        let name: String
        let position: Int
        let artifact: String
        let producer: Int
        let output: String
    }

    struct Output: Codable, Hashable {
        let name: String
        let type: String
        let artifact: String
    }

    let key: String
    let kind: String
    let document: String
    /// `done`, `failed` or `cancelled`.
    let state: String
    let attempt: Int
    let started: String
    let finished: String
    let checkpoint: Int?
    let error: String?
    let cpuSeconds: Double?
    let peakMemory: Int?
    let inputs: [Input]
    let outputs: [Output]

    /// What is wrong with its values; `nil` if nothing is.
    var problem: String? {
        for time in [started, finished] where !Timestamp.isValid(time) {
            return "\(time.shown) is not a time"
        }
        let numbers = [attempt, checkpoint ?? 0, peakMemory ?? 0] + inputs.map(\.position)
        guard attempt > 0, numbers.allSatisfy(ExchangeLimits.contains) else {
            return "one of its numbers is out of range"
        }
        guard cpuSeconds.map({ $0 >= 0 && $0 <= Double(ExchangeLimits.largest) }) ?? true else {
            return "its processor time is out of range"
        }
        return nil
    }
}

/// Points of a series.
struct ExchangedMetrics: Codable, Hashable {
    let execution: Int
    let name: String
    let steps: [Int]
    /// Null where a value was not finite.
    let values: [Double?]

    /// Points a line.
    static let limit = 10_000

    /// What is wrong with them; `nil` if nothing is.
    var problem: String? {
        if steps.count != values.count { return "steps and values differ in number" }
        return steps.count > Self.limit ? "it has more than \(Self.limit) points" : nil
    }
}

struct ExchangedEvent: Codable, Hashable {
    let execution: Int?
    let time: String
    let kind: String
    let text: String

    /// What is wrong with its values; `nil` if nothing is.
    var problem: String? { Timestamp.isValid(time) ? nil : "\(time.shown) is not a time" }
}

/// What makes a run the same one in two stores: all of it but numbers that a store gives.
struct ExchangedIdentity: Codable {
    let run: ExchangedRun
    let keys: [String?]
    let events: [[String]]

    init(_ run: ExchangedRun, key: (Int) -> String, events: [ExchangedEvent]) {
        self.run = ExchangedRun(
            pipeline: run.pipeline, path: run.path, source: run.source, revision: run.revision,
            program: run.program, machine: run.machine, started: run.started,
            finished: run.finished, outcome: run.outcome, parameters: run.parameters,
            stages: run.stages.map {
                .init(
                    id: $0.id, name: $0.name, kind: $0.kind, ordinal: $0.ordinal, execution: nil,
                    outcome: $0.outcome, reason: $0.reason)
            })
        keys = run.stages.map { $0.execution.map(key) }
        self.events = events.map { [$0.time, $0.kind, $0.text] }
    }

    func digest() throws -> Digest { Digest(of: try ExchangeManifest.encode(self)) }
}

/// The first file of an export: which others follow, in which order.
struct ExchangeManifest: Codable, Hashable {
    struct File: Codable, Hashable {
        let path: String
        let bytes: Int
        let sha256: String
    }

    let format: Int
    let files: [File]

    /// Of files without logs; those with logs have the next one.
    static let format = 1
    static let formatWithLogs = 2
    static let name = "manifest.json"
    static let rows = "rows.jsonl"

    /// The one spelling of what is exchanged: the same value gives the same bytes.
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The artifact whose archive a file is.
    static func artifact(_ path: String) -> Digest? {
        guard path.hasPrefix("objects/"), path.hasSuffix(".tar.zst") else { return nil }
        return Digest(hex: String(path.dropFirst("objects/".count).dropLast(".tar.zst".count)))
    }

    static func path(of artifact: Digest) -> String { "objects/\(artifact.hex).tar.zst" }

    /// The key whose log a file is.
    static func key(ofLog path: String) -> Digest? {
        guard path.hasPrefix("logs/"), path.hasSuffix(".txt") else { return nil }
        return Digest(hex: String(path.dropFirst("logs/".count).dropLast(".txt".count)))
    }

    static func path(ofLog key: Digest) -> String { "logs/\(key.hex).txt" }

    /// More bytes of a log, from its end, are not exchanged.
    static let logLimit = 1 << 20

    /// Nor are more of all logs.
    static let logsLimit = 64 << 20
}
