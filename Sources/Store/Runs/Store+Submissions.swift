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

    /// Records the id that the batch system gave to a job, also as the place of the running executions of its tasks.
    package func recordJob(_ job: String, of submission: String) throws {
        try writeAsRunner { database, _ in
            try database.executeCached(
                sql: "UPDATE submission SET job = ? WHERE name = ?", arguments: [job, submission])
            try database.executeCached(
                sql: """
                    UPDATE execution SET job = ?1 || '_' || submitted_task.place, node = NULL
                    FROM submission JOIN submitted_task ON submitted_task.submission = submission.id
                    WHERE submission.name = ?2 AND execution.key = submitted_task.key
                        AND execution.state = 'running'
                    """, arguments: [job, submission])
        }
    }

    /// Records where the running execution of a cache key runs. If `job` is `nil`, the recorded one stays. Without a
    /// node, its task waits in the queue.
    package func setPlace(of key: Digest, job: String? = nil, node: String?) throws {
        try writeAsRunner(durably: false) { database, _ in
            try database.executeCached(
                sql: """
                    UPDATE execution SET job = ifnull(?, job), node = ?
                    WHERE key = ? AND state = 'running'
                    """, arguments: [job, node, key.hex])
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

    /// The elements of arrays, by the name of the job, of which a stage has not ended yet.
    package func openPlaces() throws -> [String: Set<Int>] {
        try read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT name, place FROM submitted_task
                        JOIN submission ON submission.id = submission
                        """))
            var places: [String: Set<Int>] = [:]
            while let row = try rows.next() {
                let (name, place): (String, Int) = try (row["name"], row["place"])
                places[name, default: []].insert(place)
            }
            return places
        }
    }

    /// The tasks of stages that have not ended, such as `123_4`, by the cache keys of the stages. A stage that was
    /// submitted several times has the latest one.
    package func openTasks() throws -> [Digest: String] {
        try read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT key, job, place FROM submitted_task
                        JOIN submission ON submission.id = submission
                        WHERE job IS NOT NULL ORDER BY submission
                        """))
            var tasks: [Digest: String] = [:]
            while let row = try rows.next() {
                let (key, job, place): (String, String, Int) = try (
                    row["key"], row["job"], row["place"]
                )
                if let key = Digest(hex: key) { tasks[key] = "\(job)_\(place)" }
            }
            return tasks
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
