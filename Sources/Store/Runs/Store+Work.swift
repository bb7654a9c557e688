import GRDB
import Pipeline

extension Store {
    /// Whether a runner works on the executions of a key.
    package func isRunning(_ key: Digest) throws -> Bool {
        try read { database in
            try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM execution WHERE key = ? AND state = 'running')",
                arguments: [key.hex]) ?? false
        }
    }
}
