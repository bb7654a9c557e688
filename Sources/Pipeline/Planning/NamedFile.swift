import JSON

/// A file or directory that an option of a stage names.
package struct NamedFile: Hashable, Sendable {
    /// What of it counts.
    package enum Contents: Hashable, Sendable {
        case file

        /// A file, or every file below a directory but for those that these patterns leave out.
        case tree(ignoring: [String])

        /// The files of a directory with these names; `*` stands for any text.
        case members([String])
    }

    /// `option`, or `option[0]` in lists.
    package let label: String

    /// As the pipeline file has it.
    package let written: String

    /// Joined with the directory of the pipeline file.
    package let path: String
    package var contents: Contents

    package init(label: String, written: String, path: String, contents: Contents) {
        self.label = label
        self.written = written
        self.path = path
        self.contents = contents
    }

    /// What directories leave out where the stage says nothing: what Python itself writes beside its modules.
    package static let usuallyIgnored = ["__pycache__"]

    /// The names of a directory that count, in order; `nil` if this is no choice of members.
    package func members(of names: [String]) -> [String]? {
        guard case .members(let patterns) = contents else { return nil }
        return names.filter { name in patterns.contains { name.matches($0) } }
            .sorted { ExactText($0) < ExactText($1) }
    }
}

extension String {
    /// Whether a name fits a pattern, in which one `*` stands for any text.
    fileprivate func matches(_ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return self == pattern }
        return utf8.count >= parts[0].utf8.count + parts[1].utf8.count && hasPrefix(parts[0])
            && hasSuffix(parts[1])
    }
}
