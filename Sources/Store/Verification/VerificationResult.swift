import Files
import GRDB
import Pipeline

/// What one worker has found so far.
struct VerificationResult: Sendable {
    var damages: Set<Corruption> = []
    var leftovers: [String] = []
    var remarks: [String] = []
    var artifacts = 0
    var files = 0
    var bytes = 0
    var archiveBytes = 0
    var records = 0

    /// Artifacts whose archives hold what their names say.
    var sound: Set<Digest> = []

    /// Questions that an archive has exactly as the database does.
    var questions: Set<String> = []

    /// Archives without a digest of their own.
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

    /// With the stages that each damage concerns, in a fixed order.
    func verification(_ layout: StoreLayout) throws -> Verification {
        var verification = Verification()
        verification.findings = Store.findings(damages, layout)
        verification.leftovers = leftovers.sorted()
        verification.remarks = remarks.sorted()
        if undigested > 0 {
            verification.remarks.append(
                "\(undigested) archives are from before their own digest was kept: what they hold was"
                    + " checked, the bits around it were not")
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
    /// Damages with the stages that they concern, as far as the database can still tell.
    static func findings(_ damages: Set<Corruption>, _ layout: StoreLayout) -> [Issue] {
        // Where pages are damaged, rows cannot say whom it concerns.
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
            // What has read it since it was changed.
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
