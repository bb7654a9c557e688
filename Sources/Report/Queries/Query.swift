import Store

/// SQL whose values are quoted where they are interpolated, so that readers who run it get the same rows.
package struct Query: Hashable, Sendable, ExpressibleByStringInterpolation {
    package let sql: String

    package init(sql: String) { self.sql = sql }

    package init(stringLiteral sql: String) { self.sql = sql }

    package init(stringInterpolation: StringInterpolation) { sql = stringInterpolation.sql }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: String

        package init(literalCapacity: Int, interpolationCount: Int) { sql = "" }

        package mutating func appendLiteral(_ literal: String) { sql += literal }

        package mutating func appendInterpolation(_ text: String) { sql += Query.literal(text) }

        package mutating func appendInterpolation(_ number: some BinaryInteger) {
            sql += "\(number)"
        }

        package mutating func appendInterpolation(_ run: RunID) { sql += "\(run.rawValue)" }

        /// A list in parentheses.
        package mutating func appendInterpolation(_ texts: [String]) {
            sql += "(" + texts.map(Query.literal).joined(separator: ", ") + ")"
        }

        /// A list in parentheses.
        package mutating func appendInterpolation(_ numbers: [Int64]) {
            sql += "(" + numbers.map(String.init).joined(separator: ", ") + ")"
        }

        /// A part of the statement.
        package mutating func appendInterpolation(_ query: Query) { sql += query.sql }
    }

    /// SQLite ends a statement at a null character, so it is left out.
    private static func literal(_ text: String) -> String {
        "'" + text.replacing("\0", with: "").replacing("'", with: "''") + "'"
    }
}

extension Snapshot {
    package func rows<Value: Decodable>(_ query: Query) throws -> [Value] {
        try rows(query.sql, [:])
    }
}
