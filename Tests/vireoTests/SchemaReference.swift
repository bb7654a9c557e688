import Foundation
import GRDB
import Migrations

/// The reference of the tables, columns and views of a store: names and types as the newest schema has them,
/// descriptions from the comments of the migrations.
struct SchemaReference {
    /// Between this line and the end of SQLSchema.md everything is generated.
    static let mark =
        "<!-- Generated from the comments in migrations/*.sql; see CONTRIBUTING.md. Do not edit below this line. -->"

    /// Descriptions of columns that carry no comment, by name.
    private static let usual = [
        "answer_tokens": "The number of tokens of the answer.",
        "archive_bytes": "The size of the archive in bytes.",
        "artifact": "The digest of the artifact.",
        "bytes": "The size in bytes.",
        "changed": "The change time of the file, in nanoseconds since 1970.",
        "claims_right": "1 if the trace claims to be right, otherwise 0.",
        "conditioning": "What the scoring model sees.",
        "correct": "1 if the answer is correct, otherwise 0.",
        "device": "The device of the file.",
        "digest": "The digest of the contents.",
        "execution": "The number of the execution.",
        "files": "The number of files.",
        "finding": "What the interval says of the claim.",
        "finish": "Why the text ends: at an end mark, or at the length limit.",
        "finished": "When it ended; null while it runs.",
        "hint": "The hint y'.",
        "high": "The upper end of the interval.",
        "host": "The name of the machine.",
        "id": "The identifier.",
        "inode": "The inode of the file.",
        "k": "The number of traces per question.",
        "key": "The cache key.",
        "kind": "The stage kind.",
        "level": "The difficulty level; null for all levels.",
        "log_likelihood":
            "The log of the estimated probability of a correct answer after the trace.",
        "log_prob": "The log-probability.",
        "log_ratio": "The log of the ratio of prior to posterior.",
        "low": "The lower end of the interval.",
        "measure": "What was measured, such as avg@4.",
        "name": "The name.",
        "outcome": "What became of it.",
        "output": "The name of the output.",
        "path": "The path.",
        "position": "The position, counted from 0.",
        "process": "The process number.",
        "producer": "The execution that wrote the artifact.",
        "question": "The identifier of the question.",
        "questions": "The number of questions.",
        "reason": "The reason.",
        "replicates": "The number of replicates.",
        "reward": "The reward.",
        "rollout": "The number of the answer after its trace, from 0.",
        "run": "The number of the run.",
        "sample": "The number of the sample among those of its question, from 0.",
        "selected": "1 if the trace was selected, otherwise 0.",
        "series": "The number of the series.",
        "sha256": "The SHA-256 digest.",
        "source": "Where it comes from.",
        "split": "What the question is used for: train or test.",
        "started": "When it started.",
        "state": "Its state.",
        "step": "The step.",
        "subject": "What the digest is of.",
        "task": "The task, which names the verifier.",
        "text": "The text.",
        "time": "When it happened.",
        "tokens": "The number of tokens.",
        "trace": "The text of the trace.",
        "unit": "The unit of the value.",
        "answer": "The text of the answer.",
        "value": "The value.",
    ]

    private struct Column {
        let name: String
        let type: String
        let isRequired: Bool
    }

    private struct Object {
        let name: String
        let isView: Bool
        let columns: [Column]
    }

    private var objects: [Object] = []
    /// The tables and views in the order in which migrations first name them.
    private var order: [String] = []
    /// Descriptions of tables and views by name, and of columns by "table.column".
    private var descriptions: [String: String] = [:]
    /// The texts that a column may hold, by "table.column".
    private var choices: [String: String] = [:]

    init() throws {
        for migration in Migrations.all { read(migration.sql) }
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let database = try DatabaseQueue(configuration: configuration)
        objects = try database.write { database in
            for migration in Migrations.all { try database.execute(sql: migration.sql) }
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT name, type FROM sqlite_schema
                    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid
                    """)
            return try rows.map { row in
                let name: String = row["name"]
                let columns = try Row.fetchAll(
                    database, sql: "SELECT * FROM pragma_table_info(?)", arguments: [name])
                return Object(
                    name: name, isView: row["type"] == "view",
                    columns: columns.map {
                        Column(
                            name: $0["name"], type: $0["type"],
                            isRequired: $0["notnull"] == 1 || $0["pk"] == 1)
                    })
            }
        }
    }

    /// Takes the comments of one migration.
    private mutating func read(_ sql: String) {
        var comment: [Substring] = []
        var table: String?
        var column: String?
        for line in sql.split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = table {
                if line.hasPrefix(")") {
                    table = nil
                } else if let found = line.firstMatch(
                    of: /^    ([a-z_0-9]+) (?:TEXT|INTEGER|REAL)\b/)
                {
                    column = "\(open).\(found.output.1)"
                    descriptions[column ?? ""] = Self.remark(line)
                } else if line.hasPrefix("    CHECK") || line.hasPrefix("    PRIMARY") {
                    column = nil
                } else if let column, descriptions[column] == nil {
                    descriptions[column] = Self.remark(line)
                }
                if let column, let list = line.firstMatch(of: /\w+ IN \(('[^)]*')\)/) {
                    choices[column] = String(list.output.1.replacing("'", with: "`"))
                }
            } else if line.hasPrefix("-- ") {
                comment.append(line.dropFirst(3))
            } else if line == "--" {
                comment.append("")
            } else if let found = line.firstMatch(of: /^CREATE (TABLE|VIEW) (?:new_)?(\w+)/) {
                let name = String(found.output.2)
                if !order.contains(name) { order.append(name) }
                if !comment.isEmpty { descriptions[name] = comment.joined(separator: " ") }
                if found.output.1 == "TABLE" { table = name }
                comment = []
            } else if let found = line.firstMatch(of: /^ALTER TABLE (\w+) ADD COLUMN (\w+)/) {
                let name = "\(found.output.1).\(found.output.2)"
                descriptions[name] = Self.remark(line) ?? comment.joined(separator: " ")
                if let list = line.firstMatch(of: /\w+ IN \(('[^)]*')\)/) {
                    choices[name] = String(list.output.1.replacing("'", with: "`"))
                }
            } else if line.isEmpty {
                comment = []
            }
        }
    }

    /// What stands behind the two dashes of a line of SQL.
    private static func remark(_ line: Substring) -> String? {
        line.firstRange(of: "-- ").map { String(line[$0.upperBound...]) }
    }

    /// The names in `sentences` that no table, view or column has.
    var strays: [String] {
        let names = Set(
            objects.flatMap { object in
                [object.name] + object.columns.map { object.name + "." + $0.name }
            })
        return Self.sentences.keys.filter { !names.contains($0) }.sorted()
    }

    /// The generated part of SQLSchema.md.
    var markdown: String {
        let sorted = objects.sorted {
            (order.firstIndex(of: $0.name) ?? 0) < (order.firstIndex(of: $1.name) ?? 0)
        }
        let tables = sorted.filter { !$0.isView }
        let views = sorted.filter(\.isView)
        return "\n## Tables\n" + tables.map(section).joined() + "\n## Views\n"
            + views.map(section).joined()
    }

    private func section(_ object: Object) -> String {
        var text = "\n### \(object.name)\n\n"
        if let description = Self.sentences[object.name] ?? descriptions[object.name] {
            text += Self.wrapped(description) + "\n"
        }
        guard !object.isView else {
            let names = object.columns.map { "`\($0.name)`" }.joined(separator: ", ")
            return text + Self.wrapped("Columns: \(names).")
        }
        text += "| column | type | description |\n| --- | --- | --- |\n"
        for column in object.columns {
            let name = "\(object.name).\(column.name)"
            let type = column.isRequired ? "\(column.type), not null" : column.type
            let meaning =
                Self.sentences[name] ?? descriptions[name] ?? Self.usual[column.name]
            let description = [meaning, choices[name].map { "One of \($0)." }]
                .compactMap { $0 }.filter { !$0.isEmpty }
                .map { Self.sentence($0) }.joined(separator: " ")
            text += "| `\(column.name)` | \(type) | \(description) |\n".replacing(
                "|  |", with: "| |")
        }
        return text
    }

    /// The remark as a sentence that stands in a table.
    private static func sentence(_ text: String) -> String {
        let start = text.first.map { $0.isLowercase ? $0.uppercased() : String($0) } ?? ""
        let whole = (start + text.dropFirst()).replacing("|", with: "\\|")
            .replacing("<", with: "\\<")
        return whole.hasSuffix(".") ? whole : whole + "."
    }

    /// The text in lines of at most 100 characters.
    private static func wrapped(_ text: String) -> String {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= 100 {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
