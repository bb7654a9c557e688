import Reasoning

extension Question {
    /// The minimum number of letters and digits of an answer that is searched for; shorter answers occur in
    /// traces by chance.
    private static let shortestLeak = 4

    /// Whether `trace` states the answer without the work that leads to it. For generated tasks, the task
    /// decides. Otherwise a trace leaks if the words of the reference answer begin within the first tenth of
    /// its words, ignoring case and punctuation: so early nothing can have been worked out, and later a
    /// solution that is checked afterwards looks like a leak. Answers that the question itself contains, as in
    /// multiple choice, are ignored.
    ///
    /// Throws if the question is not valid for its task.
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

    /// The index at which `words` first occur in `text`.
    private static func place(of words: [Substring], in text: [Substring]) -> Int? {
        guard text.count >= words.count else { return nil }
        return (0...text.count - words.count).first { text[$0...].starts(with: words) }
    }
}
