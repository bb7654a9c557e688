import GRDB

/// What a store looks like to a doctor.
package struct StoreCondition: Hashable, Sendable {
    /// Such as `process 4711 on calypso`.
    package let livingRunners: [String]

    /// Runners that ended without leaving: what they worked on counts as running until the next run.
    package let deadRunners: [String]

    /// Files and directories that were being written when something ended, or are being written now.
    package let temporaries: Int

    /// Directories of work, with checkpoints and logs.
    package let workDirectories: Int

    /// Executions that were imported.
    package let imported: Int

    /// When the latest run began, as ISO-8601; `nil` if nothing was run.
    package let latestRun: String?
}

extension Store {
    /// Looks at everything that is not about results.
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
