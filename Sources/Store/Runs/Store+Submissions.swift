import Files
import Foundation
import GRDB
import Pipeline

/// An array of tasks that was, or may have been, submitted to a batch system.
package struct SubmissionRecord: Hashable, Sendable {
    /// The name of the job.
    package var name: String

    /// The shared directory of its tasks.
    package var shared: String

    /// The id of the job; `nil` if the system has not answered.
    package var job: String?

    /// A stage of the array.
    package struct Task: Hashable, Sendable {
        package var key: Digest

        /// The number in the name of its result.
        package var attempt: Int

        /// The element of the array.
        package var place: Int

        package init(key: Digest, attempt: Int, place: Int) {
            self.key = key
            self.attempt = attempt
            self.place = place
        }
    }

    package init(name: String, shared: String, job: String? = nil) {
        self.name = name
        self.shared = shared
        self.job = job
    }
}

extension Store {
    /// Records that tasks are about to be submitted.
    package func recordIntent(
        _ submission: SubmissionRecord, _ tasks: [SubmissionRecord.Task]
    ) throws {
        try writeAsRunner { database, _ in
            try database.executeCached(
                sql: "INSERT INTO submission (name, shared, time) VALUES (?, ?, ?)",
                arguments: [submission.name, submission.shared, Timestamp.text(clock())])
            let id = database.lastInsertedRowID
            for task in tasks {
                try database.executeCached(
                    sql: """
                        INSERT INTO submitted_task (submission, key, attempt, place)
                        VALUES (?, ?, ?, ?)
                        """, arguments: [id, task.key.hex, task.attempt, task.place])
            }
        }
    }

    /// Records the id that the batch system gave to a job.
    package func recordJob(_ job: String, of submission: String) throws {
        try writeAsRunner { database, _ in
            try database.executeCached(
                sql: "UPDATE submission SET job = ? WHERE name = ?", arguments: [job, submission])
        }
    }

    /// The latest submission of a stage that has not ended yet, and whether its element of the array runs no other stage;
    /// `nil` if there is none.
    package func submission(
        of key: Digest
    ) throws -> (submission: SubmissionRecord, task: SubmissionRecord.Task, isAlone: Bool)? {
        try read { database in
            try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT name, shared, job, attempt, place, NOT EXISTS (
                            SELECT 1 FROM submitted_task AS other
                            WHERE other.submission = task.submission AND other.place = task.place
                                AND other.key <> task.key) AS isAlone
                        FROM submitted_task AS task JOIN submission ON submission.id = task.submission
                        WHERE key = ? ORDER BY task.submission DESC LIMIT 1
                        """), arguments: [key.hex]
            ).map { row in
                try (
                    SubmissionRecord(name: row["name"], shared: row["shared"], job: row["job"]),
                    SubmissionRecord.Task(key: key, attempt: row["attempt"], place: row["place"]),
                    row["isAlone"]
                )
            }
        }
    }

    /// Removes the submissions of a stage that has ended.
    package func forgetSubmissions(of key: Digest) throws {
        try writeAsRunner(durably: false) { database, _ in
            let ids = try Int64.fetchAll(
                database.cachedStatement(
                    sql: "DELETE FROM submitted_task WHERE key = ? RETURNING submission"),
                arguments: [key.hex])
            for id in ids {
                try database.executeCached(
                    sql: """
                        DELETE FROM submission WHERE id = ?1
                            AND NOT EXISTS (SELECT 1 FROM submitted_task WHERE submission = ?1)
                        """, arguments: [id])
            }
        }
    }

    /// Adds an event to every run that waits for an execution, such as the place where it runs.
    package func note(_ execution: ExecutionID, _ kind: String, _ text: String) throws {
        try writeAsRunner(durably: false) { database, _ in
            try insertEvents(of: execution, kind, text, database)
        }
    }

    /// Makes a running execution one that started `seconds` ago, because the time in a queue is no time of the stage.
    package func setStart(of execution: ExecutionID, secondsAgo seconds: Double) throws {
        try writeAsRunner(durably: false) { database, _ in
            try database.executeCached(
                sql: "UPDATE execution SET started = ? WHERE id = ? AND state = 'running'",
                arguments: [
                    Timestamp.text(clock().addingTimeInterval(-seconds)), execution.rawValue,
                ])
        }
    }

    /// Removes all points of a running execution, so that those of its last start can be written.
    package func discardPoints(of execution: ExecutionID) throws {
        try writeAsRunner(durably: false) { database, _ in
            try database.executeCached(
                sql: "DELETE FROM series WHERE execution = ?", arguments: [execution.rawValue])
        }
    }
}
