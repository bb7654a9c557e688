import Foundation
import GRDB
import Migrations

/// The reference of the tables, columns and views of a store: names and types as the newest schema has them,
/// descriptions from the comments of the migrations.
struct SchemaReference {
    /// Between this line and the end of SQLSchema.md everything is generated.
    static let mark =
        "<!-- Generated from the comments in migrations/*.sql; see CONTRIBUTING.md. Do not edit below this line. -->"

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
                    choices[column] = list.output.1.replacing("'", with: "`")
                }
            } else if line.hasPrefix("-- ") {
                comment.append(line.dropFirst(3))
            } else if line == "--" {
                comment.append("")
            } else if let found = line.firstMatch(of: /^CREATE (TABLE|VIEW) (?:new_)?(\w+)/) {
                let name = String(found.output.2)
                if !comment.isEmpty { descriptions[name] = comment.joined(separator: " ") }
                if found.output.1 == "TABLE" { table = name }
                comment = []
            } else if let found = line.firstMatch(of: /^ALTER TABLE (\w+) ADD COLUMN (\w+)/) {
                let name = "\(found.output.1).\(found.output.2)"
                descriptions[name] = Self.remark(line) ?? comment.joined(separator: " ")
                if let list = line.firstMatch(of: /\w+ IN \(('[^)]*')\)/) {
                    choices[name] = list.output.1.replacing("'", with: "`")
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

    /// The generated part of SQLSchema.md.
    var markdown: String {
        let tables = objects.filter { !$0.isView }
        let views = objects.filter(\.isView)
        return "\n## Tables\n" + tables.map(section).joined() + "\n## Views\n"
            + views.map(section).joined()
    }

    private func section(_ object: Object) -> String {
        var text = "\n### \(object.name)\n\n"
        if let description = descriptions[object.name] { text += Self.wrapped(description) + "\n" }
        guard !object.isView else {
            let names = object.columns.map { "`\($0.name)`" }.joined(separator: ", ")
            return text + Self.wrapped("Columns: \(names).")
        }
        text += "| column | type | description |\n| --- | --- | --- |\n"
        for column in object.columns {
            let name = "\(object.name).\(column.name)"
            let type = column.isRequired ? "\(column.type), not null" : column.type
            let parts = [descriptions[name], choices[name].map { "One of \($0)." }]
            let description = parts.compactMap { $0 }.filter { !$0.isEmpty }
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
