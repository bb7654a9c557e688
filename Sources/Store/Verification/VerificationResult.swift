import Files
import GRDB
import Pipeline

/// The findings of a worker so far.
struct VerificationResult: Sendable {
    var damages: Set<Corruption> = []
    var leftovers: [String] = []
    var remarks: [String] = []
    var artifacts = 0
    var files = 0
    var bytes = 0
    var archiveBytes = 0
    var records = 0

    /// Artifacts whose archives match their digests.
    var sound: Set<Digest> = []

    /// Questions that are equal in the database and in an archive.
    var questions: Set<String> = []

    /// The number of archives without a digest of their own.
    var undigested = 0

    mutating func merge(_ other: VerificationResult) {
        damages.formUnion(other.damages)
        leftovers += other.leftovers
        remarks += other.remarks
        artifacts += other.artifacts
        files += other.files
        bytes += other.bytes
        archiveBytes += other.archiveBytes
        records += other.records
        sound.formUnion(other.sound)
        questions.formUnion(other.questions)
        undigested += other.undigested
    }

    /// The verification, with the stages that each damage affects, in a fixed order.
    func verification(_ layout: StoreLayout) throws -> Verification {
        var verification = Verification()
        verification.findings = Store.findings(damages, layout)
        verification.leftovers = leftovers.sorted()
        verification.remarks = remarks.sorted()
        if undigested > 0 {
            verification.remarks.append(
                "\(undigested) archives were written before archive digests were stored: their "
                    + "contents were checked, but not the bits around them"
            )
        }
        verification.artifacts = artifacts
        verification.files = files
        verification.bytes = bytes
        verification.archiveBytes = archiveBytes
        verification.records = records
        return verification
    }
}

extension Store {
    /// The damages with the stages that they affect, as far as the database is readable.
    static func findings(_ damages: Set<Corruption>, _ layout: StoreLayout) -> [Issue] {
        // If pages are damaged, the rows cannot be used to find the affected stages.
        let isWhole = damages.allSatisfy { if case .database = $0 { false } else { true } }
        guard isWhole else { return findings(damages.map { Issue(damage: $0, stages: []) }) }
        let named: [Issue]
        do {
            let queue = try reader(layout, configuration: configuration())
            named = try queue.read { database in
                try damages.map { Issue(damage: $0, stages: try stages(of: $0, database)) }
            }
        } catch {
            named = damages.map { Issue(damage: $0, stages: []) }
        }
        return findings(named)
    }

    private static func findings(_ findings: [Issue]) -> [Issue] {
        findings.sorted { ($0.damage.kind, $0.description) < ($1.damage.kind, $1.description) }
    }

    private static func stages(
        of damage: Corruption, _ database: Database
    ) throws -> [Issue.Stage] {
        switch damage {
        case .missing(let artifact, _), .archive(let artifact, _, _), .contents(let artifact):
            try stages(
                database,
                """
                SELECT DISTINCT pipeline, stage.id FROM execution_output
                JOIN stage ON stage.execution = execution_output.execution
                JOIN run ON run.id = stage.run
                WHERE artifact = ?
                """, [artifact.hex])
        case .cache(let artifact, _, _, let since):
            // The stages that have read it since it was changed.
            try stages(
                database,
                """
                SELECT DISTINCT pipeline, stage.id FROM execution_input
                JOIN execution ON execution.id = execution_input.execution
                JOIN stage ON stage.execution = execution.id
                JOIN run ON run.id = stage.run
                WHERE artifact = ? AND state = 'done' AND execution.finished >= ?
                """, [artifact.hex, since])
        case .execution(let id, _), .records(let id, _, _):
            try stages(
                database,
                """
                SELECT DISTINCT pipeline, stage.id FROM stage JOIN run ON run.id = stage.run
                WHERE execution = ?
                """, [id.rawValue])
        default: []
        }
    }

    private static func stages(
        _ database: Database, _ sql: String, _ arguments: StatementArguments
    ) throws -> [Issue.Stage] {
        try Row.fetchAll(database, sql: sql, arguments: arguments)
            .map { try Issue.Stage(pipeline: $0["pipeline"], id: $0["id"]) }.sorted()
    }
}
