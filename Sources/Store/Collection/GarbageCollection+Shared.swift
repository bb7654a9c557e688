import Files
import Foundation
import GRDB
import Pipeline

/// The files of a store in the directory that it shares with the nodes of a cluster.
package struct SharedFiles: Hashable, Sendable {
    /// A directory for each cache key, named after it.
    package var tasks: String

    /// Results, whose names start with cache keys.
    package var results: String

    /// The tasks, the script and the output of each submission, whose names start with its name.
    package var arrays: String

    /// Unpacked artifacts.
    package var artifacts: String

    /// A directory for each copy of a program, named after its digest, and the one that is kept.
    package var programs: String
    package var program: Digest

    package init(
        tasks: String, results: String, arrays: String, artifacts: String, programs: String,
        program: Digest
    ) {
        self.tasks = tasks
        self.results = results
        self.arrays = arrays
        self.artifacts = artifacts
        self.programs = programs
        self.program = program
    }
}

extension GarbageCollection {
    /// Removes what no task in a queue, no running execution and no next run needs.
    func shared(_ shared: SharedFiles, _ result: inout Reclamation) throws {
        try tasks(shared, &result)
        try arrays(shared, &result)
        try unpacked(in: shared.artifacts, .inputs, isUsed: isNeeded, &result)
        try programs(shared, &result)
    }

    private func tasks(_ shared: SharedFiles, _ result: inout Reclamation) throws {
        for (directory, part) in [
            (shared.tasks, Reclamation.Part.tasks), (shared.results, .jobs),
        ] {
            for name in files.listing(directory) {
                if name.hasPrefix(Self.leavingPrefix) {
                    remove(directory + "/" + name, .temporary, &result)
                    continue
                }
                guard let key = Digest(hex: String(name.prefix(64))) else { continue }
                try removeUnless(
                    part, directory + "/" + name, in: directory,
                    isUsed: { try self.isOpen(key, $0) }, &result)
            }
        }
    }

    /// Whether a task of the stage may be in a queue or runs, or whether the next run would resume from its checkpoint:
    /// no later run of the pipeline has another key for the stage.
    private func isOpen(_ key: Digest, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM submitted_task WHERE key = ?1)
                        OR EXISTS (SELECT 1 FROM execution WHERE key = ?1 AND state = 'running')
                        OR (NOT EXISTS (
                                SELECT 1 FROM execution
                                WHERE key = ?1 AND state IN ('done', 'superseded'))
                            AND EXISTS (
                                SELECT 1 FROM execution JOIN stage ON stage.execution = execution.id
                                JOIN run ON run.id = stage.run
                                WHERE execution.key = ?1 AND NOT EXISTS (
                                    SELECT 1 FROM stage AS later
                                    JOIN run AS later_run ON later_run.id = later.run
                                    JOIN execution AS newer ON newer.id = later.execution
                                    WHERE later.id = stage.id AND later.run > stage.run
                                        AND later_run.pipeline = run.pipeline
                                        AND newer.key <> ?1)))
                    """), arguments: [key.hex]) ?? true
    }

    /// Removes the files of submissions without open tasks.
    private func arrays(_ shared: SharedFiles, _ result: inout Reclamation) throws {
        for file in files.listing(shared.arrays) {
            let path = shared.arrays + "/" + file
            // `vireo-STORE-NUMBER`, and for the output of a task `-INDEX`.
            let name = file.prefix { $0 != "." }.split(separator: "-").prefix(3)
                .joined(separator: "-")
            // The files are written before the row.
            guard isOlder(path, than: Self.patience) else { continue }
            let isOpen = try store.read { database in
                try Bool.fetchOne(
                    database.cachedStatement(
                        sql: "SELECT EXISTS (SELECT 1 FROM submission WHERE name = ?)"),
                    arguments: [name]) ?? true
            }
            if !isOpen { remove(path, .jobs, &result) }
        }
    }

    /// Whether a running execution or a task in a queue reads the artifact.
    private func isNeeded(_ artifact: Digest, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM execution_input JOIN execution ON execution.id = execution
                        WHERE artifact = ? AND (
                            state = 'running' OR execution.key IN (SELECT key FROM submitted_task)))
                    """), arguments: [artifact.hex]) ?? true
    }

    /// Removes copies of other programs that no run has used for a while, and that no open job of this store runs.
    private func programs(_ shared: SharedFiles, _ result: inout Reclamation) throws {
        let scripts = try openScripts(shared)
        for name in files.listing(shared.programs) {
            guard let digest = Digest(hex: name), digest != shared.program,
                isOlder("\(shared.programs)/\(name)/vireo", than: Self.programAge),
                scripts?.contains(where: { $0.contains(name) }) == false
            else { continue }
            remove("\(shared.programs)/\(name)", .programs, &result)
        }
    }

    /// The scripts of the submissions with open tasks; `nil` if one cannot be read.
    private func openScripts(_ shared: SharedFiles) throws -> [String]? {
        let names = try store.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM submission")
        }
        do {
            return try names.map { "\(shared.arrays)/\($0).sh" }.filter(files.exists).map {
                String(
                    decoding: try RegularFile.contents(ofFile: $0, limit: 1 << 20), as: UTF8.self)
            }
        } catch {
            return nil
        }
    }

    private func isOlder(_ path: String, than seconds: Double) -> Bool {
        guard let status = files.known(path) else { return false }
        return store.clock().timeIntervalSince(status.modified) > seconds
    }

    /// In seconds.
    private static let patience = 3600.0
    private static let programAge = 30 * 86_400.0
}
