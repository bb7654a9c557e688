/// Hides values that must not be written anywhere.
package struct SecretMask: Sendable {
    /// What stands in their place.
    package static let mask = "***"

    /// Longest first, for one may hold another. Of a value of several lines each line is one, for texts are
    /// looked at line by line.
    private let values: [String]

    package init(_ values: some Sequence<String>) {
        let lines = values.flatMap { value in
            [value] + value.split(whereSeparator: \.isNewline).map(String.init)
        }
        self.values = Set(lines).filter { !$0.isEmpty }.sorted {
            ($1.utf8.count, $0) < ($0.utf8.count, $1)
        }
    }

    /// `text` without the values.
    package func masked(_ text: String) -> String {
        values.reduce(text) { text, value in
            text.contains(value) ? text.replacing(value, with: Self.mask) : text
        }
    }
}
