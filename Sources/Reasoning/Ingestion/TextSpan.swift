/// A part of a text between two markers, such as `<think>` and `</think>`.
package struct TextSpan: Hashable, Sendable {
    /// The start marker; empty for the start of the text.
    package var begin: String

    /// The end marker; empty for the end of the text.
    package var end: String

    package init(begin: String, end: String) {
        self.begin = begin
        self.end = end
    }

    /// The text between the first `begin` and the next `end`, trimmed; `nil` if a marker is missing.
    package func part(of text: String) -> String? {
        var rest = text[...]
        if !begin.isEmpty {
            guard let found = rest.firstRange(ofBytes: begin) else { return nil }
            rest = rest[found.upperBound...]
        }
        if !end.isEmpty {
            guard let found = rest.firstRange(ofBytes: end) else { return nil }
            rest = rest[..<found.lowerBound]
        }
        return rest.trimmed
    }
}
