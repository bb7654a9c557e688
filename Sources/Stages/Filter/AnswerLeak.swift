import Reasoning

extension Question {
    /// Fewest letters and digits of an answer that is looked for: shorter ones stand in traces by chance.
    private static let shortestLeak = 4

    /// Whether `trace` states the answer without having worked it out. For generated tasks their own reading
    /// says so. Elsewhere it does if the reference answer begins within the first tenth of its words, as words
    /// of their own, case and signs aside: so early nothing can have been worked out, while later a solution
    /// that is then checked looks the same as a leak. An answer that the question itself mentions, as a choice
    /// does, says nothing.
    ///
    /// Throws for a question that is not of the task it names.
    func isLeaked(by trace: String) throws(ReasoningError) -> Bool {
        if let task = ReasoningTasks.named(task) {
            return try task.summary(of: trace, for: self).leaks
        }
        let answer = (answer ?? "").normalizedWords
        guard answer.joined().count >= Self.shortestLeak,
            Self.place(of: answer, in: text.normalizedWords) == nil
        else { return false }
        let words = trace.normalizedWords
        guard let place = Self.place(of: answer, in: words) else { return false }
        return place * 10 < words.count
    }

    /// Where `words` first stand in `text`, counted from 0.
    private static func place(of words: [Substring], in text: [Substring]) -> Int? {
        guard text.count >= words.count else { return nil }
        return (0...text.count - words.count).first { text[$0...].starts(with: words) }
    }
}
