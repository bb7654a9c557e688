import Files
import Foundation
import GRDB
import JSON
import Pipeline

/// Inserts the record files of an output as rows, in the transaction that publishes it.
struct RecordIngestion {
    let database: Database
    let execution: ExecutionID
    let output: String
    let files: any FileSystem

    /// Ingests all record files of an output of `type` in `directory`.
    func ingest(_ directory: String, type: ArtifactType) throws {
        let (required, optional) = RecordFile.of(type)
        if let required {
            guard files.size(directory + "/" + required.name) != nil else {
                throw StoreError.incomplete(
                    output: output, type: type.rawValue, file: required.name)
            }
            try ingest(required, directory + "/" + required.name)
        }
        for file in optional where files.size(directory + "/" + file.name) != nil {
            try ingest(file, directory + "/" + file.name)
        }
    }

    private func ingest(_ file: RecordFile, _ path: String) throws {
        let statements = try file.statements(database).map { try RawStatement(database, $0) }
        let keys = Set(statements.flatMap(\.parameters)).subtracting(Self.ours).sorted()
        let inserts = statements.map { RecordInsertion($0, keys: keys) }
        for insert in inserts { insert.bind(execution, output) }
        // Rows are not ordered by question, so the pages of their index should stay in memory.
        if files.size(path) ?? 0 > Self.large {
            try database.execute(sql: "PRAGMA cache_size = -65536")
        }
        var reader = try LineReader<StoreError>(path)
        var parser = RecordParser(keys)
        var batch = RecordBatch(keys)
        func insert(_ values: [SQLValue.Borrowed], line: Int) throws {
            do {
                for insert in inserts { try insert.run(values, position: line - 1) }
            } catch let error as DatabaseError where Self.isMistake(error) {
                let problem = try conflict(error, keys, values) ?? Self.explanation(error, file)
                throw StoreError.record(file: path, line: line, problem: problem)
            }
        }
        // Blank lines are skipped.
        while let line = try reader.nextFilled() {
            let problem = parser.read(line)
            if let problem = Self.explanation(problem, isDoubtful: parser.isDoubtful, line) {
                throw StoreError.record(file: path, line: reader.line, problem: problem)
            }
            batch.append(parser, number: reader.line)
            if batch.isFull { try batch.empty(insert) }
        }
        try batch.empty(insert)
    }

    /// The file size, in bytes, above which the default cache of SQLite is too small.
    private static let large = 4 << 20

    /// The parameters that are not keys of the line.
    private static let ours: Set = ["execution", "output", "position"]

    /// Describes a conflict with another question of the same id, and names its output; `nil` for other errors.
    private func conflict(
        _ error: DatabaseError, _ keys: [String], _ values: [SQLValue.Borrowed]
    ) throws -> String? {
        guard error.message?.hasPrefix("cannot store BLOB value") == true,
            let place = keys.firstIndex(of: "id") ?? keys.firstIndex(of: "question"),
            case .text(let bytes) = values[place]
        else { return nil }
        let id = String(decoding: bytes, as: UTF8.self)
        let owner = try String.fetchOne(
            database,
            sql: """
                SELECT 'output ' || question_use.output || ' of stage ' || pipeline || ': ' || stage.id
                FROM question_use
                JOIN stage ON stage.execution = question_use.execution
                JOIN run ON run.id = stage.run
                WHERE question = ? AND (question_use.execution, question_use.output) IS NOT (?, ?)
                LIMIT 1
                """, arguments: [id, execution.rawValue, output])
        return
            "\(owner ?? "another output") has question \(id.shown) with a different text, "
            + "answer, level or source: question ids are unique in a store"
    }

    /// Whether the error is caused by the line, and not by the disk.
    private static func isMistake(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CONSTRAINT || error.resultCode == .SQLITE_ERROR
            || error.resultCode == .SQLITE_MISMATCH
    }

    /// The problem of a line and its position, as far as they can be determined.
    private static func explanation(
        _ problem: String?, isDoubtful: Bool, _ line: UnsafeRawBufferPointer
    ) -> String? {
        guard problem != nil || isDoubtful else { return nil }
        do {
            try JSONTape.check(line)
            return problem
        } catch {
            return "not JSON: \(error)"
        }
    }

    private static func explanation(_ error: DatabaseError, _ file: RecordFile) -> String {
        let message = error.message ?? "it cannot be stored"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_NOTNULL:
            // The table and the column follow the last blank.
            let name = message.split(separator: " ").last?.split(separator: ".").map(String.init)
            guard let column = name?.last else { return message }
            let key = name?.first == file.table ? file.keys[column] : nil
            return "\(key ?? column) is missing"
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return "its question is not in any questions artifact"
        case .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_UNIQUE:
            return "an earlier line has the same identity"
        default: return message
        }
    }
}

/// A statement that inserts a line, with the value of the line that each of its parameters takes.
private struct RecordInsertion {
    let statement: RawStatement
    private let bindings: [(parameter: Int32, value: Int)]
    private let position: Int32?

    init(_ statement: RawStatement, keys: [String]) {
        self.statement = statement
        let names = statement.parameters
        bindings = names.enumerated().compactMap { place, name in
            keys.firstIndex(of: name).map { (Int32(place + 1), $0) }
        }
        position = names.firstIndex(of: "position").map { Int32($0 + 1) }
    }

    /// Binds the execution and output of the lines.
    func bind(_ execution: ExecutionID, _ output: String) {
        for (place, name) in statement.parameters.enumerated() {
            if name == "execution" { statement.bind(Int32(place + 1), execution.rawValue) }
            if name == "output" { statement.bind(Int32(place + 1), copy: output) }
        }
    }

    func run(_ values: [SQLValue.Borrowed], position number: Int) throws {
        for binding in bindings {
            switch values[binding.value] {
            case .null: statement.bindNull(binding.parameter)
            case .integer(let integer): statement.bind(binding.parameter, integer)
            case .real(let real): statement.bind(binding.parameter, real)
            case .text(let text): statement.bind(binding.parameter, text)
            case .blob: preconditionFailure("JSON has no bytes")
            }
        }
        if let position { statement.bind(position, Int64(number)) }
        try statement.run()
    }
}
