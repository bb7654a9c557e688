import GRDB

extension Store {
    /// Calls `body` with the times of the steps of an execution, at most `limit` at a time.
    func eachPart(
        ofTimes execution: Int64, limit: Int,
        _ body: (_ steps: [Int], _ times: [String]) throws -> Void
    ) throws {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT step, time FROM metric_clock WHERE execution = ? ORDER BY step",
                arguments: [execution])
            var (steps, times): ([Int], [String]) = ([], [])
            while let row = try rows.next() {
                steps.append(try row[0])
                times.append(try row[1])
                if steps.count == limit {
                    try body(steps, times)
                    steps.removeAll(keepingCapacity: true)
                    times.removeAll(keepingCapacity: true)
                }
            }
            if !steps.isEmpty { try body(steps, times) }
        }
    }

    /// Inserts the times of the steps of an imported execution.
    func insert(
        _ times: [ExchangedTimes], of execution: Int64, into database: Database
    ) throws {
        let statement = try database.makeStatement(
            sql: "INSERT INTO metric_clock (execution, step, time) VALUES (?, ?, ?)")
        for part in times {
            for (step, time) in zip(part.steps, part.times) {
                try statement.execute(arguments: [execution, step, time])
            }
        }
    }
}
