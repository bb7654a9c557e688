import Pipeline
import Reasoning

/// `ingest.jsonl`: questions from a file of JSON lines.
struct IngestJSONL: Stage {
    static let kind = StageKind(
        name: "ingest.jsonl", version: 1,
        summary: "Reads questions from a file of JSON lines.",
        outputs: [.init("questions", .questions, "The questions.")],
        options: [
            .init("file", .file, default: nil, "The file."),
            .init(
                "task", .text, default: .text("text"),
                "The task's name, which chooses the verifier."),
            .init("split", .text, default: .text("train"), "The name of the split."),
            .init(
                "text", .text, default: .text("text"),
                "The field with the question; dots reach into objects."),
            .init(
                "answer", .text, default: .text("answer"),
                "The field with the reference answer; empty for none."),
            .init(
                "level", .text, default: .text(""),
                "The field with the difficulty level; empty for none."),
            .init(
                "id", .text, default: .text(""),
                "The field with the question's name; empty to name questions by their content."),
            .init("source", .text, default: .text("jsonl"), "Where the questions are from."),
        ])

    func run(in context: StageContext) async throws {
        let options = context.options
        func field(_ name: String) -> String? {
            let value = options.text(name)
            return value.isEmpty ? nil : value
        }
        let mapping = QuestionMapping(
            task: options.text("task"), split: options.text("split"), text: options.text("text"),
            answer: field("answer"), level: field("level"), id: field("id"),
            defaultSource: options.text("source"))
        let questions = try mapping.questions(in: options.text("file"))
        context.emit(.metric(name: "questions", step: 0, value: Double(questions.count)))
        try JSONLines.write(questions, to: context.output("questions") + "/questions.jsonl")
    }
}
