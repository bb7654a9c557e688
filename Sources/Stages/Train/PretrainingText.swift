import Pipeline
import Reasoning

/// The generated text of a base model: document after document.
struct PretrainingText<Task: ReasoningTask> {
    let seed: Int
    let mixture: [Double]
    let excluded: Set<Task.Identity>

    func document(
        _ number: Int, _ exclusion: inout GeneratedExclusion<Task.Identity>
    ) throws(ReasoningError) -> String {
        try Task.document(number, seed: seed, mixture: mixture, excluding: &exclusion)
    }

    /// Reads the first `count` documents, those of the whole training, for questions. A training that is resumed does
    /// so again, because it does not write the documents of earlier attempts.
    func overlap(
        with questions: [Question], count: Int, in context: StageContext
    ) throws -> [Overlap] {
        guard !questions.isEmpty else { return [] }
        var search = try OverlapSearch(questions, in: Task.self)
        var exclusion = GeneratedExclusion(excluded)
        for number in 0..<count {
            if number % 1000 == 0, context.isCancelled() { throw CancellationError() }
            search.read(try document(number, &exclusion))
        }
        let rows = search.rows(.documents)
        context.emit(.metric(name: "redraws", step: 0, value: Double(exclusion.redraws)))
        context.emit(
            .log(
                "the \(count) documents contain \(rows.count { $0.found > 0 }) of \(rows.count) questions that were looked for"
            ))
        return rows
    }
}
