import Foundation

/// Patterns of names that leave files and directories out, as in .gitignore: `*`, `?` and `[...]` stand for
/// letters of one name. A pattern with a slash is meant from the top on, another one at every depth; one that
/// ends in a slash is meant for directories.
struct IgnorePatterns {
    private struct Pattern {
        let text: String
        let isFromTop: Bool
        let isForDirectories: Bool
        /// Whether it stands for itself alone, which needs no matching.
        let isPlain: Bool
    }

    private let patterns: [Pattern]

    init(_ texts: [String]) {
        patterns = texts.map { text in
            var text = text[...]
            let isForDirectories = text.hasSuffix("/")
            while text.hasSuffix("/") { text.removeLast() }
            var isFromTop = text.contains("/")
            // At any depth is what a name alone means; all of a directory, what its name means.
            if text.hasSuffix("/**") { text.removeLast(3) }
            if text.hasPrefix("**/") {
                text.removeFirst(3)
                isFromTop = text.contains("/")
            }
            if text.hasPrefix("./") { text.removeFirst(2) }
            if text.utf8.first == UInt8(ascii: "/") { text.removeFirst() }
            return Pattern(
                text: String(text), isFromTop: isFromTop, isForDirectories: isForDirectories,
                isPlain: !text.utf8.contains { "*?[\\".utf8.contains($0) })
        }
    }

    var isEmpty: Bool { patterns.isEmpty }

    /// Whether `path`, relative to the top, is left out.
    func matches(_ path: @autoclosure () -> String, name: String, isDirectory: Bool) -> Bool {
        patterns.contains { pattern in
            guard isDirectory || !pattern.isForDirectories else { return false }
            let text = pattern.isFromTop ? path() : name
            if pattern.isPlain { return text.utf8.elementsEqual(pattern.text.utf8) }
            return fnmatch(pattern.text, text, FNM_PATHNAME) == 0
        }
    }
}
