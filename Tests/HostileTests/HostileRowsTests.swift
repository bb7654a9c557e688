import Foundation
import GRDB
import Pipeline
import Store
import Testing

/// Values of any type in any column, as a damaged database or a stranger's may have them: the strictness of
/// tables is only as good as the file.
@Suite("Hostile rows", .timeLimit(.minutes(10)))
struct HostileRowsTests {
    private let victim: Victim

    init() throws {
        victim = try Victim()
        try victim.write(Self.pipeline.utf8, "p.yaml")
        let run = try victim.run("vireo", ["run", "p.yaml", "--store", "store"], limits: ":")
        try #require(run.status == 0, "\(run.output)")
        try loosen()
    }

    private static let pipeline = """
        name: p
        stages:
          q:
            uses: ingest.countdown
            with: { train: 3, demonstrations: 2, test: 4 }
          a:
            uses: command
            with: { run: [sh, -c, 'echo hello > ${out.o}/f'], outputs: [o] }
          b:
            uses: command
            in: { x: a }
            with: { run: [sh, -c, 'cat ${in.x}/f > ${out.o}/f'], outputs: [o] }

        """

    private static let values: [DatabaseValue] = [
        .null, Int64.min.databaseValue, Int64.max.databaseValue, (-1).databaseValue,
        Double.infinity.databaseValue, 1e300.databaseValue, "".databaseValue, "x".databaseValue,
        String(repeating: "f", count: 64).databaseValue, Data([0xFF, 0xFE]).databaseValue,
    ]

    private static let commands: [[String]] = [
        ["runs"], ["status"], ["plan", "p.yaml"], ["run", "p.yaml"],
        ["run", "p.yaml", "--force", "b"],
        ["show", "b"], ["log", "b"], ["report", "1"], ["report", "1", "--html", "r.html"],
        ["artifact", "ls"],
        ["artifact", "cat", "a.o", "f"], ["export", "1", "-o", "out"], ["doctor"],
        ["verify", "--quick"], ["gc", "--dry-run", "--keep-last", "1"], ["gc"],
    ]

    private func database<Result>(_ body: (Database) throws -> Result) throws -> Result {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase {
            try $0.execute(sql: "PRAGMA ignore_check_constraints = ON")
        }
        let queue = try DatabaseQueue(
            path: victim.path("store/vireo.db"), configuration: configuration)
        let result = try queue.writeWithoutTransaction(body)
        try queue.close()
        return result
    }

    /// Lets every column take every value.
    private func loosen() throws {
        try database { database in
            try database.execute(sql: "PRAGMA writable_schema = ON")
            let tables = try Row.fetchAll(
                database,
                sql: """
                    SELECT name, sql FROM sqlite_schema
                    WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    """)
            for table in tables {
                let sql: String = table["sql"]
                let loose = sql.replacing(") STRICT, WITHOUT ROWID", with: "\n) WITHOUT ROWID")
                    .replacing(") STRICT", with: "\n)")
                    .replacing(#/(TEXT|INTEGER|REAL) NOT NULL/#) { "\($0.output.1)" }
                try database.execute(
                    sql: "UPDATE sqlite_schema SET sql = ? WHERE name = ?",
                    arguments: [loose, table["name"] as String])
            }
        }
    }

    private func columns() throws -> [(table: String, column: String)] {
        try database { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT tables.name, columns.name AS "column"
                    FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    ORDER BY 1, 2
                    """
            ).map { ($0["name"], $0["column"]) }
        }
    }

    /// With HOSTILE_ROUNDS in the environment, so many.
    private static let rounds =
        ProcessInfo.processInfo.environment["HOSTILE_ROUNDS"].flatMap(Int.init) ?? 12

    @Test("No value of a column makes a command crash")
    func values() throws {
        var random = SystemRandomNumberGenerator()
        let columns = try columns()
        let whole = try Data(contentsOf: URL(fileURLWithPath: victim.path("store/vireo.db")))
        for _ in 0..<Self.rounds {
            for name in ["vireo.db-wal", "vireo.db-shm"] { unlink(victim.path("store/" + name)) }
            try whole.write(to: URL(fileURLWithPath: victim.path("store/vireo.db")))
            let (table, column) = try #require(columns.randomElement(using: &random))
            let value = try #require(Self.values.randomElement(using: &random))
            try database {
                try $0.execute(
                    sql: "UPDATE OR IGNORE \(table) SET \"\(column)\" = ?", arguments: [value])
            }
            for command in Self.commands.shuffled(using: &random).prefix(6) {
                let result = try victim.run(
                    "vireo", command + ["--store", "store"], limits: "ulimit -t 20")
                #expect(
                    result.status < 128,
                    "\(command) with \(table).\(column) = \(value): \(result)")
            }
        }
    }
}
