import GRDB

/// Compares record rows with the record files of an archive. The files are ingested into temporary tables that hide the
/// real ones.
struct RecordCheck {
    private let database: Database
    private let files: any FileSystem

    private static let tables = RecordFile.all.map(\.table)

    /// Prepares a connection, on which the unqualified names of record tables refer to the temporary ones from now on.
    init(_ database: Database, on files: any FileSystem) throws {
        self.database = database
        self.files = files
        for table in Self.tables + ["question"] {
            try database.execute(
                sql: "CREATE TEMP TABLE \(table) AS SELECT * FROM main.\(table) WHERE false")
        }
        try database.execute(sql: "CREATE UNIQUE INDEX temp.question_id ON question (id)")
    }

    /// Compares the rows of `output` with the record files in `directory`.
    func compare(
        _ output: RecordedOutput, with directory: String, _ result: inout VerificationResult
    ) throws {
        defer { clear() }
        do {
            try RecordIngestion(
                database: database, execution: output.execution, output: output.name,
                files: files
            ).ingest(directory, type: output.type)
        } catch let error as StoreError {
            result.damages.insert(
                .execution(output.execution, problem: "its records cannot be read: \(error)"))
            return
        }
        for table in Self.tables {
            let (count, isEqual) = try compare(table, output)
            result.records += count
            if !isEqual {
                result.damages.insert(
                    .records(output.execution, output: output.name, table: table))
            }
        }
        let known = try String.fetchAll(
            database,
            sql: """
                SELECT mine.id FROM temp.question AS mine JOIN main.question AS theirs
                    ON mine.id = theirs.id AND mine.task = theirs.task
                    AND mine.text = theirs.text AND mine.answer IS theirs.answer
                    AND (mine.level IS theirs.level OR mine.level IS NULL)
                    AND mine.source = theirs.source
                """)
        result.questions.formUnion(known)
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM temp.question") ?? 0
        guard known.count < count else { return }
        for id in try Self.foreign(database) {
            result.damages.insert(.question(id: id, problem: "it differs in an archive"))
        }
    }

    /// The questions of the archive that differ in the database.
    private static func foreign(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT mine.id FROM temp.question AS mine JOIN main.question AS theirs
                    ON mine.id = theirs.id
                WHERE mine.task IS NOT theirs.task OR mine.text IS NOT theirs.text
                    OR mine.answer IS NOT theirs.answer OR mine.source IS NOT theirs.source
                    OR (mine.level IS NOT NULL AND mine.level IS NOT theirs.level)
                """)
    }

    private func compare(
        _ table: String, _ output: RecordedOutput
    ) throws -> (count: Int, isEqual: Bool) {
        let arguments: StatementArguments = [
            "execution": output.execution.rawValue, "output": output.name,
        ]
        let mine = try Int.fetchOne(database, sql: "SELECT count(*) FROM temp.\(table)") ?? 0
        let theirs =
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM main.\(table)
                    WHERE execution = :execution AND output = :output
                    """, arguments: arguments) ?? 0
        guard mine == theirs else { return (theirs, false) }
        guard mine > 0 else { return (0, true) }
        let differs =
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (
                        SELECT * FROM temp.\(table)
                        EXCEPT
                        SELECT * FROM main.\(table)
                        WHERE execution = :execution AND output = :output)
                    """, arguments: arguments) ?? true
        return (theirs, !differs)
    }

    private func clear() {
        do {
            for table in Self.tables + ["question"] {
                try database.execute(sql: "DELETE FROM temp.\(table)")
            }
        } catch {
            // Remaining rows make the next comparison fail, which is reported.
            return
        }
    }
}
