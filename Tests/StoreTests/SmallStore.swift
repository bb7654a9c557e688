import Files
import Foundation
import GRDB
import JSON
import Pipeline
import Store
import Synchronization
import TestSupport

/// A small store with everything that a store can hold: runs with lineage, every kind of record, metrics,
/// events, an unpacked artifact and an older answer to a key.
final class SmallStore {
    private let temporary: TemporaryDirectory
    var root: String { temporary.path }
    let directory: String
    private let clock = Counter()
    private(set) var store: Store

    /// An output that a stage made.
    struct Made {
        let execution: ExecutionID
        let outputs: [String: Digest]

        func edge(_ input: String, _ output: String, position: Int = 0) -> InputEdge {
            InputEdge(
                name: input, position: position, artifact: outputs[output]!, producer: execution,
                output: output)
        }
    }

    init(filled: Bool = true) throws {
        temporary = try TemporaryDirectory()
        directory = temporary.file("store")
        let clock = clock
        store = try Store.open(directory: directory, mode: .readWrite, clock: { clock.next() })
        if filled { try fill() }
    }

    func reopen() throws {
        let clock = clock
        store = try Store.open(directory: directory, mode: .readWrite, clock: { clock.next() })
    }

    /// Starts a run with stages of these names.
    func start(_ pipeline: String, _ stages: [String]) throws -> RunID {
        try store.startRun(
            RunDescription(
                pipeline: pipeline, path: "\(pipeline).yaml", source: "name: \(pipeline)\n",
                params: ["seed": .integer(7), "text": .string("é")], revision: "abc",
                program: "0.1.0", machine: ["cores": .integer(2)]),
            stages: stages.map { StageDeclaration(id: $0, name: $0, kind: "test") })
    }

    /// Does the work of a stage of a run, or finds it done.
    @discardableResult
    func make(
        _ stage: String, of run: RunID, inputs: [InputEdge] = [],
        options: [String: JSONValue] = [:],
        _ outputs: [(name: String, type: ArtifactType, files: [String: String])],
        metrics: [MetricPoint] = [], engine: EngineIdentity? = nil, again: Bool = false
    ) throws -> Made {
        // Stages that read the same would share their key without their names.
        let options = options.merging(["stage": .string(stage)]) { $1 }
        let document = JSONValue.object([
            "kind": .string("test"), "version": .integer(1), "options": .object(options),
            "inputs": .object(
                Dictionary(grouping: inputs, by: \.name).mapValues { edges in
                    .array(
                        edges.sorted { $0.position < $1.position }.map { .string($0.artifact.hex) })
                }), "files": .object([:]),
        ]).canonical
        let claim = try store.claim(
            Digest(of: document), document: document, kind: "test", inputs: inputs, for: stage,
            of: run, reason: "new", again: again)
        switch claim {
        case .finished(let finished):
            try store.recordStages(
                run,
                [
                    StageOutcomeUpdate(
                        stage: stage, outcome: .cached, execution: finished.id, reason: nil)
                ])
            return Made(execution: finished.id, outputs: finished.outputs)
        case .held: throw StoreError.leaseLost
        case .started(let id, _):
            try store.appendMetrics(id, metrics)
            if let engine { try store.setEngine(engine, of: id) }
            let digests = try store.publish(
                id,
                outputs: try outputs.map {
                    OutputDirectory(
                        name: $0.name, type: $0.type, directory: try directory($0.files))
                }, usage: Usage(cpuSeconds: 0.5, peakMemory: 4096))
            return Made(execution: id, outputs: digests)
        }
    }

    /// A new directory with files.
    func directory(_ files: [String: String]) throws -> String {
        let directory = root + "/" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        for (path, text) in files {
            let file = URL(fileURLWithPath: directory + "/" + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return directory
    }

    /// Every row of every table, but for what only says who writes now or how to search.
    func rows() throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: directory + "/vireo.db", configuration: configuration)
        return try queue.read { database in
            let tables = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'runner'
                        AND name NOT IN ('sqlite_sequence', 'sqlite_stat1') ORDER BY name
                    """)
            return try tables.flatMap { table in
                try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map {
                    "\(table): \($0.description)"
                }.sorted()
            }
        }
    }

    private func fill() throws {
        let names = [
            "questions", "model", "traces", "scores", "answers", "verdicts", "weights", "data",
            "accuracy",
        ]
        let run = try start("paper", names)
        let questions = try make(
            "questions", of: run,
            [
                (
                    "train", .questions,
                    [
                        "questions.jsonl": (0..<24).map {
                            #"{"id":"q-\#($0)","task":"t","text":"\#($0) 2 : 3","answer":"1 + 2","level":\#($0 % 4),"split":"train","source":"g"}"#
                                + "\n"
                        }.joined()
                    ]
                )
            ])
        let model = try make(
            "model", of: run, inputs: [questions.edge("data", "train")],
            options: ["rate": .number(0.001)],
            [
                (
                    "model", .model,
                    ["config.json": "{}", "deep/weights.bin": String(repeating: "w", count: 9000)]
                )
            ],
            metrics: (0..<60).map { .init(name: "loss", step: $0, value: 3 / Double($0 + 1)) }
                + [.init(name: "nothing", step: 0, value: .nan)])
        let traces = try make(
            "traces", of: run,
            inputs: [model.edge("model", "model"), questions.edge("questions", "train")],
            [
                (
                    "traces", .traces,
                    [
                        "traces.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","sample":0,"trace":"1 + 2 = \#($0) é","ids":[1,2],"tokens":2,"finish":"stop","log_prob":-1.25,"sampled_log_prob":-1}"#
                                + "\n"
                        }.joined(),
                        "exclusions.jsonl":
                            #"{"question":"q-1","sample":null,"reason":"too long"}"# + "\n",
                    ]
                )
            ])
        let scores = try make(
            "scores", of: run, inputs: [traces.edge("traces", "traces")],
            [
                (
                    "scores", .scores,
                    [
                        "scores.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","sample":0,"conditioning":"prior","tokens":4,"log_prob":-2.5,"mean_log_prob":-0.625,"answer_tokens":1,"answer_log_prob":-0.5}"#
                                + "\n"
                        }.joined(),
                        "tokens.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","sample":0,"log_probs":[-1.25,0.0,-0.5,-0.75],"ends":[1,3,8,8]}"#
                                + "\n"
                        }.joined(),
                    ]
                )
            ])
        let answers = try make(
            "answers", of: run, inputs: [traces.edge("traces", "traces")],
            [
                (
                    "answers", .answers,
                    [
                        "answers.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","sample":0,"rollout":0,"answer":"1 + 2","tokens":3,"finish":"stop"}"#
                                + "\n"
                        }.joined()
                    ]
                )
            ])
        let verdicts = try make(
            "verdicts", of: run, inputs: [answers.edge("answers", "answers")],
            [
                (
                    "verdicts", .verdicts,
                    [
                        "verdicts.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","sample":0,"rollout":0,"correct":\#($0 % 2 == 0),"reason":null,"extracted":"3"}"#
                                + "\n"
                        }.joined()
                    ]
                )
            ])
        let weights = try make(
            "weights", of: run,
            inputs: [scores.edge("prior", "scores"), verdicts.edge("verdicts", "verdicts")],
            [
                (
                    "weights", .weights,
                    [
                        "weights.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","sample":0,"estimator":"accuracy","ratio":"exact","log_ratio":0.5,"log_likelihood":null,"log_rho":-1,"weight":0.25,"selected":true,"answer":"1 + 2","reason":null}"#
                                + "\n"
                        }.joined(),
                        "bounds.jsonl":
                            #"{"k":4,"level":null,"value":-1.5,"low":-2,"high":-1,"questions":7}"#
                            + "\n",
                    ]
                )
            ])
        try make(
            "data", of: run, inputs: [weights.edge("weights", "weights")],
            [
                (
                    "data", .dataset,
                    [
                        "examples.jsonl": (0..<24).map {
                            #"{"question":"q-\#($0)","trace":"z","answer":"a","weight":0.5,"source":"trace","sample":0}"#
                                + "\n"
                        }.joined()
                    ]
                )
            ])
        let accuracy: (String, ArtifactType, [String: String]) = (
            "evaluation", .evaluation,
            [
                "evaluations.jsonl":
                    #"{"label":"final","level":null,"measure":"avg@4","value":0.5,"low":0.4,"high":0.6,"questions":100,"samples":4}"#
                    + "\n",
                "rollouts.jsonl":
                    #"{"question":"q-1","sample":0,"trace":"z","answer":"1 + 2","correct":true,"reason":null,"tokens":9,"finish":"stop"}"#
                    + "\n",
            ]
        )
        try make("accuracy", of: run, inputs: [model.edge("model", "model")], [accuracy])
        try store.finishRun(run, outcome: .done)
        // Again: one stage with another answer, the others cached.
        let second = try start("paper", ["questions", "model"])
        let same = try make("questions", of: second, [])
        try make(
            "model", of: second, inputs: [same.edge("data", "train")],
            options: ["rate": .number(0.001)], [("model", .model, ["config.json": "{\"a\":1}"])],
            again: true)
        try store.finishRun(second, outcome: .done)
        let third = try start("other", ["broken"])
        let document = #"{"inputs":{},"kind":"test"}"#
        let claim = try store.claim(
            Digest(of: document), document: document, kind: "test", inputs: [], for: "broken",
            of: third, reason: "new", again: false)
        if case .started(let id, _) = claim {
            try store.fail(id, error: "it broke", usage: nil)
        }
        try store.finishRun(third, outcome: .failed)
        _ = try store.unpacked(model.outputs["model"]!)
    }

    /// A clock that every look at takes forward by a second.
    final class Counter: Sendable {
        private let start = Date(timeIntervalSince1970: 1_700_000_000)
        private let count = Atomic(0)

        func next() -> Date {
            start.addingTimeInterval(
                Double(count.wrappingAdd(1, ordering: .relaxed).newValue))
        }
    }
}

/// A flag that several tasks see.
final class Flag: Sendable {
    let value = Atomic(false)
}
