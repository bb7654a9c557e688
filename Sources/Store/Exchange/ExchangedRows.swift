import Files
import JSON
import Pipeline

/// A line of the rows of an exported run, with one of these members.
struct ExchangedRow: Codable {
    var run: ExchangedRun?
    var artifact: ExchangedArtifact?
    var execution: ExchangedExecution?
    var metrics: ExchangedMetrics?
    var times: ExchangedTimes?
    var event: ExchangedEvent?

    /// The line without its terminator. Equal rows give equal bytes.
    var line: [UInt8] { JSONLine.encode(self) }
}

/// The row of a run, its parameters and its stages, which refer to executions by their position in the file.
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

    /// The problem of its values; `nil` if there is none.
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
        /// Omitted for files that are not executable.
        var executable: Bool?
    }

    let digest: String
    let files: [File]
    /// The empty directories; omitted if there are none.
    var directories: [String]?

    var contents: ArtifactContents? {
        var known: [ArtifactContents.File] = []
        var total = 0
        for file in files {
            // The sum of sizes must not overflow.
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

/// An execution with its lineage. Its producers precede it in the file.
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
    /// Where a batch system ran it; omitted for other executions.
    var job: String?
    var node: String?
    /// The engine outside of this program; omitted for other executions.
    var engine: EngineIdentity?

    /// The problem of its values; `nil` if there is none.
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

/// Values of a metric.
struct ExchangedMetrics: Codable, Hashable {
    let execution: Int
    let name: String
    let steps: [Int]
    /// The values; null if a value was not finite.
    let values: [Double?]

    /// The maximum number of points per line.
    static let limit = 10_000

    /// The problem of the points; `nil` if there is none.
    var problem: String? {
        if steps.count != values.count { return "steps and values differ in number" }
        return steps.count > Self.limit ? "it has more than \(Self.limit) points" : nil
    }
}

/// When steps of an execution were first recorded.
struct ExchangedTimes: Codable, Hashable {
    let execution: Int
    let steps: [Int]
    let times: [String]

    /// The problem of the times; `nil` if there is none.
    var problem: String? {
        if steps.count != times.count { return "steps and times differ in number" }
        if steps.count > ExchangedMetrics.limit {
            return "it has more than \(ExchangedMetrics.limit) times"
        }
        return times.first { !Timestamp.isValid($0) }.map { "\($0.shown) is not a time" }
    }
}

struct ExchangedEvent: Codable, Hashable {
    let execution: Int?
    let time: String
    let kind: String
    let text: String

    /// The problem of its values; `nil` if there is none.
    var problem: String? { Timestamp.isValid(time) ? nil : "\(time.shown) is not a time" }
}

/// The data that identify a run across stores: everything except for numbers that a store assigns.
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

    var digest: Digest { Digest(of: JSONLine.encode(self)) }
}

/// The first file of an export, which lists the others in order.
struct ExchangeManifest: Codable, Hashable {
    struct File: Codable, Hashable {
        let path: String
        let bytes: Int
        let sha256: String
    }

    let format: Int
    let files: [File]

    /// The format of files without logs; files with logs have the next one.
    static let format = 1
    static let formatWithLogs = 2
    static let name = "manifest.json"
    static let rows = "rows.jsonl"

    /// The artifact whose archive has this path.
    static func artifact(_ path: String) -> Digest? {
        guard path.hasPrefix("objects/"), path.hasSuffix(".tar.zst") else { return nil }
        return Digest(hex: String(path.dropFirst("objects/".count).dropLast(".tar.zst".count)))
    }

    static func path(of artifact: Digest) -> String { "objects/\(artifact.hex).tar.zst" }

    /// The cache key whose log has this path.
    static func key(ofLog path: String) -> Digest? {
        guard path.hasPrefix("logs/"), path.hasSuffix(".txt") else { return nil }
        return Digest(hex: String(path.dropFirst("logs/".count).dropLast(".txt".count)))
    }

    static func path(ofLog key: Digest) -> String { "logs/\(key.hex).txt" }

    /// The maximum size of an exported log; only its end is exported.
    static let logLimit = 1 << 20

    /// The maximum size of all exported logs together.
    static let logsLimit = 64 << 20
}
