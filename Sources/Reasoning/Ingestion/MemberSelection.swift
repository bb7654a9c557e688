import Foundation

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

    /// Whether `text` fits a pattern of the shell.
    static func fits(_ text: String, _ pattern: String) -> Bool { fnmatch(pattern, text, 0) == 0 }
}
