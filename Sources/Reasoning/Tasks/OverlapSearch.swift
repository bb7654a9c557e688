/// Looks for questions in texts of a task and counts the texts that contain them. It reads the words of the finished
/// texts and knows nothing of how they were made.
package struct OverlapSearch<Task: ReasoningTask> {
    private let questions: [(id: String, identity: Task.Identity)]
    private let wanted: Set<Task.Identity>
    private var found: [Task.Identity: Int] = [:]
    private var texts = 0

    /// Throws for a question of another task. A question that is given twice is looked for once.
    package init(_ questions: [Question], in _: Task.Type) throws(ReasoningError) {
        var ids: Set<String> = []
        var distinct: [(id: String, identity: Task.Identity)] = []
        for question in questions where ids.insert(question.id).inserted {
            distinct.append((question.id, try Task.identity(of: question.text)))
        }
        self.questions = distinct
        wanted = Set(distinct.map(\.identity))
    }

    /// Reads a text, given in one or more parts.
    package mutating func read(_ parts: String...) {
        texts += 1
        let contained = parts.reduce(into: Set<Task.Identity>()) { all, part in
            all.formUnion(Task.identities(in: part))
        }
        for identity in contained where wanted.contains(identity) {
            found[identity, default: 0] += 1
        }
    }

    /// A row for every question, in the order in which they were given.
    package func rows(_ searched: Overlap.Searched) -> [Overlap] {
        questions.map {
            Overlap(
                question: $0.id, searched: searched, texts: texts,
                found: found[$0.identity] ?? 0)
        }
    }
}
