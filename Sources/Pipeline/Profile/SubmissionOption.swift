/// An argument of `sbatch` in a profile.
enum SubmissionOption {
    /// The options that a submission has already, or that take away what it relies on, by their long names.
    private static let own = [
        "array", "error", "export", "export-file", "get-user-env", "help", "job-name",
        "kill-on-invalid-dep", "no-requeue", "open-mode", "output", "parsable", "requeue", "signal",
        "test-only", "usage", "version", "wait", "wrap",
    ]

    /// Their short names, and those of options without a value, which may stand in front of others.
    private static let ownLetters: Set<Character> = ["a", "e", "h", "J", "o", "V", "W"]
    private static let flags: Set<Character> = ["H", "I", "k", "O", "Q", "s", "v", "X"]

    /// Whether `sbatch` takes the argument for an option that Vireo sets itself: a long name may be shortened. `--wait`
    /// is no abbreviation of `--wait-all-nodes`.
    static func isOwn(_ argument: String) -> Bool {
        if argument.hasPrefix("--") {
            let name = argument.dropFirst(2).prefix { $0 != "=" }
            return own.contains { $0.hasPrefix(name) }
        }
        guard argument.hasPrefix("-") else { return false }
        let letter = argument.dropFirst().first { !flags.contains($0) }
        return letter.map(ownLetters.contains) ?? false
    }
}
