import Foundation
import GRDB
import Pipeline

/// Reads the record files of an output into rows, inside the transaction that publishes it.
struct RecordIngestion {
    let database: Database
    let execution: ExecutionID
    let output: String
    let files: any FileSystem

    /// All record files that an output of `type` holds in `directory`.
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
        let insert = try database.makeStatement(sql: file.sql)
        let insertQuestion =
            file == .questions ? try database.makeStatement(sql: RecordFile.newQuestion) : nil
        var reader = try LineReader(path)
        while let line = try reader.next() {
            do {
                try insertQuestion?.execute(arguments: ["line": line])
                try insert.execute(arguments: [
                    "execution": execution.rawValue, "output": output, "line": line,
                    "position": reader.line - 1,
                ])
            } catch let error as DatabaseError where Self.isMistake(error) {
                throw StoreError.record(
                    file: path, line: reader.line, problem: Self.explanation(error))
            }
        }
    }

    /// Columns whose names differ from the keys they come from.
    private static let keys = [
        "trace.text": "trace", "answer.text": "answer", "question_use.question": "id",
    ]

    /// Whether the line is to blame, and not the disk.
    private static func isMistake(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CONSTRAINT || error.resultCode == .SQLITE_ERROR
            || error.resultCode == .SQLITE_MISMATCH
    }

    private static func explanation(_ error: DatabaseError) -> String {
        let message = error.message ?? "it cannot be stored"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_NOTNULL:
            let column = message.split(separator: " ").last.map(String.init) ?? message
            let key = Self.keys[column] ?? column.split(separator: ".").last.map(String.init)
            return "\(key ?? column) is missing"
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return "its question is in no questions artifact"
        case .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_UNIQUE:
            return "an earlier line has the same identity"
        default: return message == "malformed JSON" ? "not JSON" : message
        }
    }
}
