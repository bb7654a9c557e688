import Foundation
import GRDB
import Pipeline

/// What a run is recorded with.
package struct RunDescription: Hashable, Sendable {
    package var pipeline: String
    package var path: String
    /// The pipeline file's text.
    package var source: String
    package var params: [String: Value]
    /// The git commit of the directory the file is in.
    package var revision: String?
    /// The version of vireo.
    package var program: String
    /// Processor, kernels, memory: whatever the numbers may depend on.
    package var machine: [String: Value]

    package init(
        pipeline: String, path: String, source: String, params: [String: Value] = [:],
        revision: String? = nil, program: String, machine: [String: Value] = [:]
    ) {
        self.pipeline = pipeline
        self.path = path
        self.source = source
        self.params = params
        self.revision = revision
        self.program = program
        self.machine = machine
    }
}

/// How a run ended.
package enum RunOutcome: String, Hashable, Sendable {
    case done
    case failed
    case cancelled
}

/// What became of a stage in a run.
package enum StageOutcome: String, Hashable, Sendable {
    case pending
    case cached
    case ran
    case failed
    case cancelled
    case skipped
}

/// A stage of a run, before anything happened to it.
package struct StageDeclaration: Hashable, Sendable {
    package let id: String
    package let name: String
    package let kind: String

    package init(id: String, name: String, kind: String) {
        self.id = id
        self.name = name
        self.kind = kind
    }
}

/// Something that happened in a run, in words.
package struct RunNote: Hashable, Sendable {
    package let execution: ExecutionID?
    package let time: Date
    /// A word such as `started` or `failed`.
    package let kind: String
    package let text: String

    package init(execution: ExecutionID?, time: Date, kind: String, text: String) {
        self.execution = execution
        self.time = time
        self.kind = kind
        self.text = text
    }
}

extension Store {
    /// Records the beginning of a run with its stages, in the plan's order.
    package func startRun(
        _ run: RunDescription, stages: [StageDeclaration]
    ) throws -> RunID {
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO run (pipeline, path, source, revision, program, machine, started)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run.pipeline, run.path, run.source, run.revision, run.program,
                    Value.table(run.machine).canonical, Timestamp.text(clock()),
                ])
            let id = RunID(rawValue: database.lastInsertedRowID)
            for (name, value) in run.params.sorted(by: { $0.key < $1.key }) {
                try database.execute(
                    sql: "INSERT INTO param (run, name, value) VALUES (?, ?, ?)",
                    arguments: [id.rawValue, name, value.canonical])
            }
            for (ordinal, stage) in stages.enumerated() {
                try database.execute(
                    sql: "INSERT INTO stage (run, id, name, kind, ordinal) VALUES (?, ?, ?, ?, ?)",
                    arguments: [id.rawValue, stage.id, stage.name, stage.kind, ordinal])
            }
            return id
        }
    }

    package func finishRun(_ run: RunID, outcome: RunOutcome) throws {
        try write { database in
            try database.execute(
                sql: "UPDATE run SET outcome = ?, finished = ? WHERE id = ?",
                arguments: [outcome.rawValue, Timestamp.text(clock()), run.rawValue])
        }
    }

    /// Records what became of a stage of a run, and why.
    package func recordStage(
        _ run: RunID, stage: String, outcome: StageOutcome, execution: ExecutionID?,
        reason: String?
    ) throws {
        try write { database in
            try database.execute(
                sql: """
                    UPDATE stage SET outcome = ?, execution = ?, reason = ? WHERE run = ? AND id = ?
                    """,
                arguments: [
                    outcome.rawValue, execution?.rawValue, reason, run.rawValue, stage,
                ])
        }
    }

    /// Adds to the run's history.
    package func appendEvents(_ run: RunID, _ notes: [RunNote]) throws {
        try write { database in
            let insert = try database.makeStatement(
                sql: "INSERT INTO event (run, execution, time, kind, text) VALUES (?, ?, ?, ?, ?)")
            for note in notes {
                try insert.execute(arguments: [
                    run.rawValue, note.execution?.rawValue, Timestamp.text(note.time), note.kind,
                    note.text,
                ])
            }
        }
    }
}
