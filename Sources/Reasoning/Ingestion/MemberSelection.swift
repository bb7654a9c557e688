/// Which members of an archive are read.
package struct MemberSelection: Hashable, Sendable {
    /// The names that are read, in which `*` stands for any text, slashes too; empty for all that end right.
    package var pattern: String

    /// The endings of names, such as `.jsonl`, where there is no pattern.
    package var endings: [String]

    package init(pattern: String, endings: [String]) {
        self.pattern = pattern
        self.endings = endings
    }

    package func contains(_ name: String) -> Bool {
        // macOS puts a file of its own beside each that it packs.
        let parts = name.split(separator: "/")
        if parts.contains("__MACOSX") || parts.last?.hasPrefix("._") == true { return false }
        guard pattern.isEmpty else { return Self.fits(name, pattern) }
        return endings.contains(where: name.lowercased().hasSuffix)
    }

    /// For messages: what the names should do.
    var summary: String {
        pattern.isEmpty ? "ends in " + endings.joined(separator: " or ") : "fits '\(pattern)'"
    }

    /// Whether `text` fits a pattern, in which `*` stands for any text and all else for itself.
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
