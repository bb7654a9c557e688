import JSON

/// The values of the fields of a record. Names are paths with parts separated by dots, such as
/// `solution.final`.
struct RecordFields {
    let record: JSONValue

    /// Whether lists are kept as JSON. Otherwise their elements are joined.
    let keepsLists: Bool

    /// A text, or a number or Boolean as text; `nil` for null. The elements of a list are joined with
    /// `separator`; null elements are skipped.
    func text(_ path: String, separator: String = "\n\n") throws(RecordProblem) -> String? {
        let value = try value(path)
        guard case .array(let elements) = value else { return try text(value, at: path) }
        if keepsLists { return JSONLines.text(of: value) }
        let texts = try elements.map { element throws(RecordProblem) in
            try text(element, at: path)
        }.compactMap { $0 }
        return texts.isEmpty ? nil : texts.joined(separator: separator)
    }

    /// The elements of a list as texts.
    func texts(_ path: String) throws(RecordProblem) -> [String?] {
        guard case .array(let elements) = try value(path) else {
            throw .wrongType(field: path, expected: "a list")
        }
        return try elements.map { element throws(RecordProblem) in try text(element, at: path) }
    }

    /// A whole number, or a text that ends with one, such as `Level 5`. `nil` for null, and for a text that
    /// ends with `?`, which means that the number is unknown.
    func integer(_ path: String) throws(RecordProblem) -> Int? {
        switch try value(path) {
        case .null: return nil
        case .integer(let integer): return integer
        case .string(let text):
            let last = text.split(separator: " ").last
            if last == "?" { return nil }
            if let integer = last.flatMap({ Int($0) }) { return integer }
        default: break
        }
        throw .wrongType(field: path, expected: "a whole number")
    }

    private func value(_ path: String) throws(RecordProblem) -> JSONValue {
        guard let value = record.value(at: path) else { throw .missing(field: path) }
        return value
    }

    private func text(_ value: JSONValue, at path: String) throws(RecordProblem) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        case .bool(let flag): String(flag)
        case .integer(let integer): String(integer)
        case .number(let number): "\(number)"
        default: throw .wrongType(field: path, expected: "a text")
        }
    }
}

/// A condition on a field of a record, such as `url=*2024*`.
package struct RecordCondition: Hashable, Sendable {
    package let field: String

    /// A pattern in which `*` matches any text.
    package let pattern: String

    /// Parses `FIELD=PATTERN`; `nil` if `text` is not of this form.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        field = String(parts[0])
        pattern = String(parts[1])
    }

    /// Why `record` is left out; `nil` if it matches. Null counts as an empty text.
    func problem(of record: JSONValue) throws(RecordProblem) -> String? {
        let text = try RecordFields(record: record, keepsLists: true).text(field) ?? ""
        return MemberSelection.fits(text, pattern)
            ? nil : "the field '\(field)' does not fit '\(pattern)'"
    }
}
