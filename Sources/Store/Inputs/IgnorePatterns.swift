import Foundation

/// Patterns that exclude files and directories, as in .gitignore: `*`, `?` and `[...]` match characters within a name.
/// A pattern with a slash is anchored at the top; others match at every depth. A pattern that ends in a slash matches
/// only directories.
struct IgnorePatterns {
    private struct Pattern {
        let text: String
        let isFromTop: Bool
        let isForDirectories: Bool
        /// Whether it contains no wildcards.
        let isPlain: Bool
    }

    private let patterns: [Pattern]

    init(_ texts: [String]) {
        patterns = texts.map { text in
            var text = text[...]
            let isForDirectories = text.hasSuffix("/")
            while text.hasSuffix("/") { text.removeLast() }
            var isFromTop = text.contains("/")
            // A leading `**/` and a trailing `/**` are redundant: a name matches at every depth, and a directory
            // includes its contents.
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

    /// Whether `path`, relative to the top, is excluded.
    func matches(_ path: @autoclosure () -> String, name: String, isDirectory: Bool) -> Bool {
        patterns.contains { pattern in
            guard isDirectory || !pattern.isForDirectories else { return false }
            let text = pattern.isFromTop ? path() : name
            if pattern.isPlain { return text.utf8.elementsEqual(pattern.text.utf8) }
            return fnmatch(pattern.text, text, FNM_PATHNAME) == 0
        }
    }
}
