import JSON

/// Maps fields of records to the parts of a question. Every name is a path with parts separated by dots, such
/// as `solution.final`; `nil` if nothing is mapped.
package struct QuestionMapping: Hashable, Sendable {
    /// The name of the verifier.
    package var task: String
    package var text: String

    /// A text that is placed before the text of the question, unless it is null.
    package var context: String?

    /// The answer. Without one, the answer is taken from the solution, unless there are choices.
    package var answer: String?

    /// How the answer is extracted from this text.
    package var extraction = AnswerExtraction.none
    package var choices: MultipleChoice?

    /// The tests that are the answer of a question whose answer is a program.
    package var tests: TestFields?

    /// The field with code that a solution begins with, which is appended to the text of the question.
    package var starterCode: String?

    /// The hint y' that a posterior sees in place of the answer.
    package var hint: String?
    package var level: String?

    /// The field with the name of a question. Names need not be unique across data sets: `Question.identifier`
    /// appends a digest.
    package var id: String?

    /// The field with the source of a question.
    package var source: String?

    /// The source of questions whose record has none.
    package var defaultSource: String

    /// A thinking trace z of the question.
    package var trace: String?

    /// The part of the trace field that is the trace; `nil` for all of it.
    package var traceSpan: TextSpan?

    /// A worked solution.
    package var solution: String?
    package var solutionSpan: TextSpan?

    /// Whether lists in text fields are kept as JSON. Otherwise their elements are joined.
    package var keepsLists = false

    package init(
        task: String, text: String, answer: String? = nil, level: String? = nil,
        id: String? = nil, source: String? = nil, defaultSource: String
    ) {
        self.task = task
        self.text = text
        self.answer = answer
        self.level = level
        self.id = id
        self.source = source
        self.defaultSource = defaultSource
    }

    /// The question in `record`; `split` maps its id to a split. The text is required. Every other mapped field
    /// must exist, but may be null.
    package func question(
        from record: JSONValue, split: (_ id: String) -> String
    ) throws(RecordProblem) -> MappedQuestion {
        guard case .object = record else { throw .notAnObject }
        let fields = RecordFields(record: record, keepsLists: keepsLists)
        var text = try stem(fields)
        let id = try optional(id) { path throws(RecordProblem) in try fields.text(path) }
        let solution = try optional(solution) { path throws(RecordProblem) in
            try fields.text(path).flatMap { solutionSpan.part(of: $0) }
        }
        var (answer, problem) = try self.answer(solution, fields)
        if let choices {
            let posed = try choices.posed(
                text, answer: answer, field: self.answer ?? "", name: id ?? text, fields)
            (text, answer, problem) = (posed.text, posed.answer, problem ?? posed.problem)
        }
        let source = try optional(source) { path throws(RecordProblem) in try fields.text(path) }
        let level = try optional(level) { path throws(RecordProblem) in try fields.integer(path) }
        let hint = try optional(hint) { path throws(RecordProblem) in try fields.text(path) }
        let name = Question.identifier(
            id, task: task, text: text, answer: answer, source: source ?? defaultSource)
        let question = Question(
            id: name, task: task, text: text, answer: answer, hint: hint, level: level,
            split: split(name), source: source ?? defaultSource)
        return MappedQuestion(
            question: question, problem: problem,
            demonstration: try demonstration(of: question, solution, fields))
    }

    private func stem(_ fields: RecordFields) throws(RecordProblem) -> String {
        guard let text = try fields.text(text) else {
            throw .wrongType(field: text, expected: "a text")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw .empty(field: self.text)
        }
        let context = try optional(context) { path throws(RecordProblem) in try fields.text(path) }
        let code = try optional(starterCode) { path throws(RecordProblem) in
            try fields.text(path)
        }?.trimmed
        let asked = context.map { "\($0)\n\n\(text)" } ?? text
        guard let code, !code.isEmpty else { return asked }
        return "\(asked)\n\nUse this starter code:\n\n```python\n\(code)\n```"
    }

    /// The answer, and why the question is left out if the mapped answer is missing.
    private func answer(
        _ solution: String?, _ fields: RecordFields
    ) throws(RecordProblem) -> (String?, problem: String?) {
        if let tests {
            let found = try tests.tests(in: fields.record)
            return (found?.text, found == nil ? "the field '\(tests.fields[0])' has no tests" : nil)
        }
        let stated =
            try optional(answer) { path throws(RecordProblem) in
                try fields.text(path, separator: ", ")
            } ?? (answer == nil && choices == nil ? solution : nil)
        let text = stated.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
        let answer = extraction == .none ? text : text.flatMap { extraction.answer(in: $0) }
        let field = self.answer ?? (choices == nil ? self.solution : nil)
        return (
            answer,
            answer == nil ? field.map { "the field '\($0)' has no \(extraction.mark)" } : nil
        )
    }

    private func demonstration(
        of question: Question, _ solution: String?, _ fields: RecordFields
    ) throws(RecordProblem) -> MappedQuestion.Demonstration {
        guard trace != nil || self.solution != nil else { return .unmapped }
        let trace =
            try optional(trace) { path throws(RecordProblem) in
                try fields.text(path).flatMap { traceSpan.part(of: $0) }
            } ?? (trace == nil ? solution.map { extraction.reasoning(in: $0) } : nil)
        guard let trace, trace.contains(where: { !$0.isWhitespace }) else {
            return .missing("the field '\(self.trace ?? self.solution ?? "")' has no trace")
        }
        guard let answer = self.trace == nil ? question.answer : solution ?? question.answer else {
            return .missing("there is no answer to give after the trace")
        }
        // The verifier must be able to find the answer in the demonstration; solutions stay as they are.
        let isSolution = self.trace != nil && solution != nil
        let isBare =
            task == Verifier.boxed.rawValue && !isSolution && !answer.contains("\\boxed")
        return .example(
            Example(
                question: question, trace: trace, answer: isBare ? "\\boxed{\(answer)}" : answer,
                source: .demonstration))
    }

    private func optional<Value>(
        _ path: String?, _ read: (String) throws(RecordProblem) -> Value?
    ) throws(RecordProblem) -> Value? {
        guard let path else { return nil }
        return try read(path)
    }
}

/// A question from a record, with its demonstration or problem.
package struct MappedQuestion: Hashable, Sendable {
    package let question: Question

    /// Why the question is left out; `nil` if it is not.
    package let problem: String?
    package let demonstration: Demonstration

    /// The demonstration in the record, if any.
    package enum Demonstration: Hashable, Sendable {
        /// The mapping has no field for demonstrations.
        case unmapped
        case missing(String)
        case example(Example)
    }
}

extension TextSpan? {
    /// The part of `text`; all of it if there is no span.
    fileprivate func part(of text: String) -> String? { map { $0.part(of: text) } ?? text }
}
