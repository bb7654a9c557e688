import RowQuery
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RowPredicateTests {
    private struct Row: Sendable {
        var name: String
        var tokens: Int?
        var score: Double?
    }

    private static let columns: [Column<Row>] = [
        .text("name", \.name), .integer("tokens", \.tokens), .real("score", \.score),
    ]

    private let rows = [
        Row(name: "a", tokens: 1, score: -0.5), Row(name: "6", tokens: 3, score: nil),
        Row(name: "a", tokens: nil, score: 2), Row(name: "B\u{0}'\"😀", tokens: 7, score: 0.25),
    ]

    /// The places of the rows that `expression` is true of.
    private func places(_ expression: String) throws -> [Int] {
        let matches = try RowPredicate(expression, columns: Self.columns).matches(rows)
        #expect(matches.count == rows.count)
        return matches.indices.filter { matches[$0] }
    }

    private func error(_ expression: String, on rows: [Row] = []) -> RowQueryError? {
        do {
            _ = try RowPredicate(expression, columns: Self.columns).matches(rows)
            return nil
        } catch { return error }
    }

    @Test(
        "A row stays where the expression is true, which NULL is not",
        arguments: [
            ("tokens > 2", [1, 3]), ("NOT tokens > 2", [0]), ("tokens IS NULL", [2]),
            ("tokens > 2 OR score > 1", [1, 2, 3]), ("score", [0, 2, 3]), ("NULL", []), ("0", []),
            ("1", [0, 1, 2, 3]), ("'x'", []), ("name IN ('a', 'b')", [0, 2]),
            // Values are of their column's type.
            ("name = 6", [1]), ("tokens = '3'", [1]), ("tokens / 2 = 3", [3]),
            ("score * 2 = 0.5", [3]), ("typeof(score) = 'real'", [0, 2, 3]),
            // Texts are data, whatever is in them.
            ("name LIKE 'b%'", [3]), ("hex(name) = '42002722F09F9880'", [3]),
        ])
    func truth(expression: String, places: [Int]) throws {
        #expect(try self.places(expression) == places)
    }

    @Test(
        "An expression may be written over lines, with comments and brackets of its own",
        arguments: [
            "tokens > 2 -- enough", "/* enough */ (tokens) > (2)", "tokens\n> 2\n",
            "rows.tokens > 2",
            "name <> ')' AND tokens > 2", "CASE WHEN tokens > 2 THEN 1 END",
        ])
    func spelling(expression: String) throws {
        #expect(try places(expression) == [1, 3])
    }

    @Test(
        "A subquery may compare a row with the others",
        arguments: [
            ("(SELECT count(*) FROM rows AS other WHERE other.name = rows.name) > 1", [0, 2]),
            ("tokens = (SELECT max(tokens) FROM rows)", [3]),
            ("(name, score) IN (SELECT name, max(score) FROM rows GROUP BY name)", [2, 3]),
            (
                """
                rowid IN (SELECT number FROM (
                    SELECT rowid AS number, rank() OVER (PARTITION BY name ORDER BY score DESC) AS place
                    FROM rows) WHERE place = 1)
                """, [1, 2, 3]
            ),
            (
                """
                tokens = (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 7)
                    SELECT count(*) FROM n)
                """, [3]
            ),
        ])
    func subquery(expression: String, places: [Int]) throws {
        #expect(try self.places(expression) == places)
    }

    @Test("Rows and answers stand in the same order, however many there are")
    func order() throws {
        let rows = (0..<5000).map { Row(name: "\($0)", tokens: $0 * 7919 % 5000, score: nil) }
        let predicate = try RowPredicate("tokens % 3 = 1", columns: Self.columns)
        let matches = try predicate.matches(rows)
        #expect(matches == rows.map { ($0.tokens ?? 0) % 3 == 1 })
        #expect(try predicate.matches(rows) == matches)
        #expect(try predicate.matches([]) == [])
    }

    @Test(
        "An invalid expression is reported with SQLite's message and the columns",
        arguments: [
            ("tokns > 2", "no such column: tokns"), (#""tokns" > 2"#, "no such column: tokns"),
            ("tokens >", #"near ")": syntax error"#), ("", #"near ")": syntax error"#),
            ("name REGEXP 'x'", "no such function: REGEXP"),
            ("count(*) > 1", "misuse of aggregate function count()"),
            ("tokens = ?", "parameters have no values here"),
        ])
    func mistake(expression: String, message: String) {
        #expect(
            error(expression)?.description == message + "; the columns are name, tokens, score")
    }

    @Test(
        "Only a single expression is accepted",
        arguments: [
            "1; DROP TABLE rows", "1;", "SELECT 1", "1, 1", "1 LIMIT 1", "1 ORDER BY tokens",
            "1) OR (1", "1) LIMIT (1", "1) UNION SELECT (1", "1)) UNION SELECT ((1", "1) --",
            "1 /*",
            "1\u{0})", "1 THEN 1 END OR CASE WHEN 1", "1 THEN 1 END LIMIT CASE WHEN 1",
            "1 FROM rows", ") = (",
        ])
    func several(expression: String) throws {
        guard case .mistake(_, ["name", "tokens", "score"])? = error(expression) else {
            Issue.record("\(expression) is let through")
            return
        }
    }

    @Test(
        "Functions that do not follow from the row are refused by name",
        arguments: [
            "random", "randomblob", "changes", "total_changes", "last_insert_rowid", "date", "time",
            "datetime", "julianday", "strftime", "unixepoch", "sqlite_version", "sqlite_source_id",
            "sqlite_compileoption_get", "load_extension", "zeroblob", "fts3_tokenizer", "RANDOM",
        ])
    func function(name: String) {
        let message = "not authorized to use function: \(name); the columns are name, tokens, score"
        let counts = ["", "1", "'%s', 'now'"].map { "\(name)(\($0)) IS NOT NULL" }
        #expect(counts.contains { error($0)?.description == message })
        #expect(!counts.contains { error($0) == nil })
    }

    @Test(
        "Functions that return the current time are refused too",
        arguments: ["current_timestamp", "current_date", "current_time"])
    func time(name: String) {
        #expect(
            error("\(name) > ''")?.description
                == "not authorized to use function: \(name); the columns are name, tokens, score")
    }

    @Test(
        "An expression can read nothing else and change nothing",
        arguments: [
            "(SELECT sql FROM sqlite_schema) IS NULL", "(SELECT name FROM sqlite_temp_schema)",
            "(SELECT count(*) FROM pragma_table_info('rows'))", "(SELECT * FROM dbstat)",
            "(SELECT value FROM json_each('[1]'))", "(SELECT busy FROM sqlite_stmt)",
            "(DELETE FROM rows)", "(INSERT INTO rows VALUES (1, 1, 1) RETURNING 1)",
            "(UPDATE rows SET tokens = 1 RETURNING 1)", "(DROP TABLE rows)", "ATTACH 'x' AS y",
            "(ATTACH 'x' AS y)", "PRAGMA query_only = 0", "(PRAGMA user_version)", "VACUUM",
            "(WITH x AS (DELETE FROM rows RETURNING 1) SELECT * FROM x)", "raise(ABORT, 'x')",
        ])
    func reach(expression: String) {
        guard case .mistake? = error(expression, on: rows) else {
            Issue.record("\(expression) is let through")
            return
        }
    }

    @Test("An endless expression ends after a fixed number of steps on every machine")
    func endless() {
        let expression =
            "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)"
        #expect(
            error(expression, on: rows)?.description
                == "it took more than 1004000 steps on 4 rows: use subqueries that do not depend on the row"
        )
    }

    @Test("To compare every row with every other is too much where there are many")
    func quadratic() throws {
        let rows = (0..<3000).map { Row(name: "a", tokens: $0, score: nil) }
        let expression = "(SELECT count(*) FROM rows AS other WHERE other.tokens > rows.tokens) < 5"
        #expect(error(expression, on: Array(rows[..<100])) == nil)
        #expect(error(expression, on: rows) == .endless(steps: 4_000_000, rows: 3000))
    }

    @Test(
        "An error of the expression on a row is reported",
        arguments: [
            ("abs(-9223372036854775807 - tokens)", "integer overflow, for one of the rows"),
            ("json_extract(name, '$')", "malformed JSON, for one of the rows"),
            (
                "replace(printf('%8000000d', tokens), ' ', '0123456789')",
                "string or blob too big, for one of the rows"
            ),
        ])
    func failure(expression: String, message: String) {
        #expect(error(expression, on: rows)?.description == message)
        #expect(error(expression) == nil)
    }
}
