import JSON

/// What a field of a record must say, such as `url=*2024*`.
package struct RecordCondition: Hashable, Sendable {
    package let field: String

    /// `*` stands for any text.
    package let pattern: String

    /// `nil` unless `text` is a field, `=` and a pattern.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        field = String(parts[0])
        pattern = String(parts[1])
    }

    /// Why `record` is left out; `nil` if it fits. A null is an empty text.
    func problem(of record: JSONValue) throws(RecordProblem) -> String? {
        let text = try RecordFields(record: record, keepsLists: true).text(field) ?? ""
        return MemberSelection.fits(text, pattern)
            ? nil : "the field '\(field)' does not fit '\(pattern)'"
    }
}
