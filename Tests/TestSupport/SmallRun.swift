import Files
import Foundation
import GRDB
import Store

/// A run of rows written one by one, in a database of this schema.
package final class SmallRun {
    private let temporary: TemporaryStore
    package var store: Store { temporary.store }
    private var stages = 0

    package init() throws { temporary = try TemporaryStore(clock: { Date() }) }

    /// Runs a statement on the store's database.
    package func execute(_ sql: String) throws {
        let queue = try DatabaseQueue(path: store.layout.database)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// A stage of run `run`, which holds nothing yet, and its execution, which read those of `inputs`. Stages of
    /// one id make the same artifact.
    package func stage(_ id: String, run: Int = 1, inputs: [Int64] = []) throws -> Int64 {
        let execution = try temporary.publish([("o", .files, ["f": id])]).id.rawValue
        for (position, producer) in inputs.enumerated() {
            try execute(
                """
                INSERT INTO execution_input (execution, name, position, artifact, producer, output)
                SELECT \(execution), 'i', \(position), artifact, execution, name
                FROM execution_output WHERE execution = \(producer)
                """)
        }
        try add(id, run: run, execution)
        return execution
    }

    /// Makes `execution` that of a stage of `run`.
    package func add(_ id: String, run: Int, _ execution: Int64) throws {
        stages += 1
        try execute(
            """
            INSERT INTO run (id, pipeline, path, source, program, machine, started)
            VALUES (\(run), 'p', 'p', '', '1', '{}', '2025-01-01T00:00:00.000Z')
            ON CONFLICT DO NOTHING;
            INSERT INTO stage (run, id, name, kind, ordinal, execution, outcome)
            VALUES (\(run), '\(id)', '\(id.prefix { $0 != "[" })', 'k', \(stages), \(execution), 'ran')
            """)
    }

    /// Questions q1 to q`count`.
    package func questions(_ count: Int) throws {
        try execute(
            "INSERT INTO question (id, task, text, source) VALUES "
                + (1...count).map { "('q\($0)', 't', 'x', 's')" }.joined(separator: ","))
    }

    package func evaluation(
        _ execution: Int64, _ label: String, _ measure: String, _ value: Double, replicate: Int
    ) throws {
        try execute(
            """
            INSERT INTO evaluation
                (execution, output, label, replicate, measure, value, questions, samples)
            VALUES (\(execution), 'o', '\(label)', \(replicate), '\(measure)', \(value), 9, 4)
            """)
    }

    /// Weights of traces of one length.
    package func weights(
        _ execution: Int64, _ question: String, tokens: Int, _ weights: [Double],
        estimator: String = "accuracy"
    ) throws {
        for (sample, weight) in weights.enumerated() {
            try execute(
                """
                INSERT INTO trace_weight
                    (execution, output, question, sample, estimator, ratio, weight, selected, tokens)
                VALUES
                    (\(execution), 'o', '\(question)', \(sample), '\(estimator)', 'exact', \(weight), 0,
                    \(tokens))
                """)
        }
    }

    /// The rows of a query, values joined by `|` as the sqlite3 program prints them.
    package func query(_ sql: String) throws -> [String] { try temporary.query(sql) }
}
