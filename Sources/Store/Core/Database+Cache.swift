import GRDB

extension Database {
    /// Runs a statement that the connection compiles once: for SQL of fixed text that runs for every stage.
    func executeCached(
        sql: String, arguments: StatementArguments = StatementArguments()
    ) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
