import Reasoning

/// Questions by id.
struct QuestionTable {
    let questions: [Question]
    private let byID: [String: Question]

    init(_ directory: String) throws {
        questions = try JSONLines.read(Question.self, in: directory)
        byID = Dictionary(questions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func question(_ id: String, in input: String) throws -> Question {
        guard let question = byID[id] else { throw StageError.unknownQuestion(id, input: input) }
        return question
    }
}
