import Foundation
import GRDB
import Pipeline

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
