import Foundation
import Pipeline
import Store
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ConsoleTests {
    private let temporary: TemporaryStore

    init() throws {
        temporary = try TemporaryStore()
        try temporary.publish([("out", .files, ["a": "a"])])
    }

    @Test("Values keep their types, columns their names")
    func types() throws {
        let answer = try Console(temporary.store.layout).run(
            "SELECT NULL AS a, 1 AS b, 0.5 AS c, 'x' AS d, x'00ff' AS e")
        #expect(answer.columns == ["a", "b", "c", "d", "e"])
        #expect(
            answer.rows == [[.null, .integer(1), .real(0.5), .text("x"), .blob(Data([0, 255]))]])
        #expect(!answer.isCut)
    }

    @Test(
        "Reading is allowed in all its forms",
        arguments: [
            "SELECT * FROM execution", "WITH x AS (SELECT 1) SELECT * FROM x",
            "EXPLAIN QUERY PLAN SELECT * FROM trace", "SELECT sql FROM sqlite_schema",
            "SELECT * FROM lineage", "SELECT '{\"a\":1}' ->> 'a'", "SELECT count(*) FROM run;",
            "SELECT value FROM json_each('[1, 2]')", "SELECT * FROM json_tree('{\"a\": 1}')",
            "SELECT j.value FROM execution, json_each(document, '$.options') AS j",
            "SELECT * FROM pragma_table_info('run')", "PRAGMA table_info(run)",
            "SELECT name FROM pragma_function_list",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5) SELECT * FROM n",
        ])
    func allowed(sql: String) throws {
        _ = try Console(temporary.store.layout).run(sql)
    }

    @Test(
        "Writing, other files, settings and extensions are not",
        arguments: [
            "DELETE FROM execution", "INSERT INTO metric VALUES (1, 'a', 1, 1)",
            "UPDATE execution SET key = key", "DROP TABLE run", "CREATE TABLE x (y)",
            "CREATE TEMP TABLE x (y)", "ATTACH '/tmp/x.db' AS x", "PRAGMA query_only = 0",
            "PRAGMA journal_mode = DELETE", "PRAGMA user_version", "VACUUM",
            "SELECT fts3_tokenizer('simple')", "SELECT FTS3_Tokenizer('simple')",
            "PRAGMA writable_schema = 1", "SELECT * FROM pragma_user_version",
            "VACUUM INTO '/tmp/x.db'", "SELECT load_extension('x')", "REINDEX", "ANALYZE",
            "DETACH main",
        ])
    func refused(sql: String) throws {
        let console = try Console(temporary.store.layout)
        let error = #expect(throws: ConsoleError.self) { try console.run(sql) }
        #expect(error == .writes)
        #expect(
            error?.description
                == "the query is not allowed: the console is read-only; use SELECT, WITH or EXPLAIN"
        )
    }

    @Test("Two statements are refused")
    func several() throws {
        let console = try Console(temporary.store.layout)
        let error = #expect(throws: ConsoleError.self) { try console.run("SELECT 1; SELECT 2") }
        #expect(error?.description == "more than one statement: run them one at a time")
    }

    @Test("An invalid query is reported with SQLite's message")
    func mistake() throws {
        let console = try Console(temporary.store.layout)
        let error = #expect(throws: ConsoleError.self) { try console.run("SELECT x FROM run") }
        #expect(error?.description == "the query failed: no such column: x")
        #expect(throws: ConsoleError.self) { try console.run("") }
        #expect(throws: ConsoleError.self) { try console.run("-- nothing") }
    }

    @Test("An endless query ends at its deadline")
    func deadline() throws {
        let console = try Console(
            temporary.store.layout, limits: .init(time: .milliseconds(50)))
        let error = #expect(throws: ConsoleError.self) {
            try console.run(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                SELECT count(*) FROM n
                """)
        }
        #expect(error == .late(.milliseconds(50)))
        #expect(try console.run("SELECT 1").rows == [[.integer(1)]])
    }

    @Test("Table functions open no way to change the schema")
    func schemaStays() throws {
        let console = try Console(temporary.store.layout)
        for sql in [
            "UPDATE sqlite_master SET sql = NULL", "UPDATE sqlite_schema SET name = 'x'",
            "DELETE FROM sqlite_master", "CREATE VIRTUAL TABLE x USING fts5(a)",
        ] {
            #expect(throws: ConsoleError.self) { try console.run(sql) }
        }
    }

    @Test("A row and a value that are larger than the limits are refused, not held")
    func largeRows() throws {
        let console = try Console(temporary.store.layout, limits: .init(bytes: 1000))
        #expect(throws: ConsoleError.large(bytes: 1000)) {
            try console.run("SELECT zeroblob(600), zeroblob(600)")
        }
        #expect(throws: ConsoleError.large(bytes: 64 << 20)) {
            try console.run("SELECT length(zeroblob(200000000) || 1)")
        }
    }

    @Test("The schema is that of all tables and views, or of one")
    func schema() throws {
        let console = try Console(temporary.store.layout)
        let all = try console.run(Console.schemaQuery(of: nil)).rows
        let one = try console.run(Console.schemaQuery(of: "run")).rows
        #expect(all.count > 10 && one.count == 1 && all.contains(one[0]))
        #expect(try console.run(Console.schemaQuery(of: "it's")).rows.isEmpty)
    }

    @Test("Rows and bytes beyond the limits are cut")
    func limits() throws {
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
        let console = try Console(
            temporary.store.layout, limits: .init(rows: 10, bytes: 1000))
        let rows = try console.run(endless + "i FROM n")
        #expect(rows.rows.count == 10 && rows.isCut)
        let bytes = try console.run(endless + "printf('%600c', 'x') FROM n")
        #expect(bytes.rows.count == 2 && bytes.isCut)
    }
}
