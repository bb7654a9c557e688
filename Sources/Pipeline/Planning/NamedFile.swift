import JSON

/// A file or directory that an option of a stage names.
package struct NamedFile: Hashable, Sendable {
    /// The files that are part of the cache key.
    package enum Contents: Hashable, Sendable {
        case file

        /// A file, or every file below a directory except for those that match the patterns.
        case tree(ignoring: [String])

        /// The files of a directory with these names; `*` matches any text.
        case members([String])
    }

    /// `option`, or `option[0]` in lists.
    package let label: String

    /// The path as written in the pipeline file.
    package let written: String

    /// The path joined with the directory of the pipeline file.
    package let path: String
    package var contents: Contents

    package init(label: String, written: String, path: String, contents: Contents) {
        self.label = label
        self.written = written
        self.path = path
        self.contents = contents
    }

    /// The default of `ignore`: the directory of compiled modules that Python writes.
    package static let usuallyIgnored = ["__pycache__"]

    /// The names of a directory that match, in order; `nil` if this is not a choice of members.
    package func members(of names: [String]) -> [String]? {
        guard case .members(let patterns) = contents else { return nil }
        return names.filter { name in patterns.contains { name.matches($0) } }
            .sorted { ExactText($0) < ExactText($1) }
    }
}

extension String {
    /// Whether a name matches a pattern, in which one `*` matches any text.
    func matches(_ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return self == pattern }
        return utf8.count >= parts[0].utf8.count + parts[1].utf8.count && hasPrefix(parts[0])
            && hasSuffix(parts[1])
    }
}
