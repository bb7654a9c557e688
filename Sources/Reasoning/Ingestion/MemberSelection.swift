/// Selects the members of an archive to read.
package struct MemberSelection: Hashable, Sendable {
    /// A pattern for names, in which `*` matches any text with slashes; if empty, `endings` apply.
    package var pattern: String

    /// The endings of names, such as `.jsonl`, that are read if there is no pattern.
    package var endings: [String]

    package init(pattern: String, endings: [String]) {
        self.pattern = pattern
        self.endings = endings
    }

    package func contains(_ name: String) -> Bool {
        // macOS adds a metadata file for each file that it packs.
        let parts = name.split(separator: "/")
        if parts.contains("__MACOSX") || parts.last?.hasPrefix("._") == true { return false }
        guard pattern.isEmpty else { return Self.fits(name, pattern) }
        return endings.contains(where: name.lowercased().hasSuffix)
    }

    /// The condition on names, for messages.
    var summary: String {
        pattern.isEmpty ? "ends in " + endings.joined(separator: " or ") : "fits '\(pattern)'"
    }

    /// Whether `text` matches a pattern. `*` matches any text; all other characters match themselves.
    static func fits(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.utf8.split(
            separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        var rest = Array(text.utf8)[...]
        guard let first = parts.first, let last = parts.last, rest.starts(with: first) else {
            return false
        }
        guard parts.count > 1 else { return rest.count == first.count }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }
}
