import Files
import Foundation
import GRDB
import Pipeline
import Store

/// A run of rows written one by one, in a database of this schema.
final class SmallRun {
    let store: Store
    private let root = FileManager.default.temporaryDirectory.path + "/vireo-" + UUID().uuidString
    private var stages = 0

    init() { store = try! Store.open(directory: root + "/store", mode: .readWrite) }

    deinit { try? LocalFileSystem().remove(root) }

    /// Runs a statement on the store's database.
    func execute(_ sql: String) throws {
        let queue = try DatabaseQueue(path: store.layout.database)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// A stage of run `run`, which holds nothing yet, and its execution, which read those of `inputs`. Stages of
    /// one id make the same artifact.
    func stage(_ id: String, run: Int = 1, inputs: [Int64] = []) throws -> Int64 {
        let execution = try publish(id).rawValue
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

    /// A finished execution of a key of its own, whose artifact has this text.
    private func publish(_ text: String) throws -> ExecutionID {
        let execution = try store.startExecution(
            key: Digest(of: UUID().uuidString), document: "{}", kind: "test", inputs: []
        ).id
        let directory = "\(root)/\(execution.rawValue)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/f"))
        let output = OutputDirectory(name: "o", type: .files, directory: directory)
        _ = try store.publish(execution, outputs: [output], usage: nil)
        return execution
    }

    /// Makes `execution` that of a stage of `run`.
    func add(_ id: String, run: Int, _ execution: Int64) throws {
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
    func questions(_ count: Int) throws {
        try execute(
            "INSERT INTO question (id, task, text, source) VALUES "
                + (1...count).map { "('q\($0)', 't', 'x', 's')" }.joined(separator: ","))
    }

    func evaluation(
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
    func weights(
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
    func query(_ sql: String) throws -> [String] {
        try Console(store.layout).run(sql).rows.map { row in
            row.map { cell in
                switch cell {
                case .null: ""
                case .integer(let value): "\(value)"
                case .real(let value): "\(value)"
                case .text(let text): text
                case .blob(let data): "\(data.count) bytes"
                }
            }.joined(separator: "|")
        }
    }
}
