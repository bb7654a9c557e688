import Files
import Foundation
import GRDB
import Pipeline

extension Store {
    /// Repairs findings: moves damaged files to quarantine, so that the next run recreates them, and restores record
    /// rows from their archives. Returns descriptions of the repairs.
    package func repair(_ findings: [Issue]) throws -> [String] {
        var done: [String] = []
        for finding in findings {
            switch finding.damage {
            case .archive(_, let path, _), .stray(let path), .cache(_, let path, _, _):
                if let place = try quarantine(path) { done.append("moved \(path) to \(place)") }
            case .remembered(let table, let row, _):
                try forget(row, of: table)
                done.append("removed row \(row) of table \(table)")
            default: continue
            }
        }
        let outputs = Set(
            findings.compactMap { finding -> RecordedName? in
                guard case .records(let execution, let output, _) = finding.damage else {
                    return nil
                }
                return RecordedName(execution: execution, output: output)
            })
        for output in outputs.sorted(by: { $0.execution.rawValue < $1.execution.rawValue })
        where try restore(output) {
            done.append(
                "restored the records of output \(output.output) of execution"
                    + " \(output.execution.rawValue)")
        }
        return done
    }

    private func forget(_ row: String, of table: String) throws {
        let column = table == "shortcut" ? "question" : "path"
        try write {
            try $0.execute(sql: "DELETE FROM \(table) WHERE \(column) = ?", arguments: [row])
        }
    }

    private struct RecordedName: Hashable {
        let execution: ExecutionID
        let output: String
    }

    /// Moves a file or directory of the store to quarantine; `nil` if it no longer exists.
    private func quarantine(_ path: String) throws -> String? {
        try files.makeDirectories(layout.quarantine)
        let name = FilePath.name(path)
        var place = layout.quarantine + "/" + name
        var count = 1
        while files.exists(place) {
            count += 1
            place = layout.quarantine + "/\(name).\(count)"
        }
        return try write { _ in
            guard files.exists(path) else { return nil }
            try files.unprotect(path)
            try files.rename(path, to: place)
            try files.synchronize(directory: layout.quarantine)
            try files.synchronize(directory: FilePath.parent(path))
            return place
        }
    }

    /// Replaces the record rows of an output by those of its archive; `false` if the archive is damaged.
    private func restore(_ output: RecordedName) throws -> Bool {
        let found = try read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT artifact, type FROM execution_output WHERE execution = ? AND name = ?",
                arguments: [output.execution.rawValue, output.output]
            ).map { try (Self.digest($0["artifact"]), ArtifactType(rawValue: $0["type"])) }
        }
        guard let (artifact, named) = found, let type = named else { return false }
        let directory: String
        do {
            directory = try unpacked(artifact)
        } catch StoreError.corrupt {
            return false
        }
        try write { database in
            for table in RecordFile.all.map(\.table) {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE execution = ? AND output = ?",
                    arguments: [output.execution.rawValue, output.output])
            }
            try RecordIngestion(
                database: database, execution: output.execution, output: output.output,
                files: files
            ).ingest(directory, type: type)
        }
        return true
    }
}
