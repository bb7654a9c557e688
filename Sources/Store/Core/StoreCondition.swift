import GRDB

/// The condition of a store, for `vireo doctor`.
package struct StoreCondition: Hashable, Sendable {
    /// The living runners, such as `process 4711 on calypso`.
    package let livingRunners: [String]

    /// Runners that ended without unregistering. Their executions count as running until the next run.
    package let deadRunners: [String]

    /// The number of unfinished files and directories, of ended or running processes.
    package let temporaries: Int

    /// The number of work directories, which contain checkpoints and logs.
    package let workDirectories: Int

    /// The number of imported executions.
    package let imported: Int

    /// The start of the latest run, as ISO-8601; `nil` if there are no runs.
    package let latestRun: String?
}

extension Store {
    /// Determines the condition of the store.
    package func condition() throws -> StoreCondition {
        let runners = try runners()
        let names = try [layout.objects, layout.cache].flatMap { try files.names(in: $0) }
        return StoreCondition(
            livingRunners: runners.filter(\.isAlive).map(\.runner.name),
            deadRunners: runners.filter { !$0.isAlive }.map(\.runner.name),
            temporaries: names.count { $0.hasPrefix(Self.temporaryPrefix) },
            workDirectories: try files.names(in: layout.work).count,
            imported: try read(Self.importedExecutions),
            latestRun: try read {
                try String.fetchOne($0, sql: "SELECT started FROM run ORDER BY id DESC LIMIT 1")
            })
    }
}
