/// Where the parts of a question stand in records of another format. Every name is a path whose
/// parts dots separate, such as `solution.final`.
package struct QuestionMapping: Hashable, Sendable {
    package var task: String
    package var split: String
    package var text: String
    package var answer: String?
    package var level: String?
    package var id: String?

    /// The field that says where a question is from.
    package var source: String?

    /// The source of questions whose record names none.
    package var defaultSource: String

    package init(
        task: String, split: String, text: String, answer: String? = nil, level: String? = nil,
        id: String? = nil, source: String? = nil, defaultSource: String
    ) {
        self.task = task
        self.split = split
        self.text = text
        self.answer = answer
        self.level = level
        self.id = id
        self.source = source
        self.defaultSource = defaultSource
    }

    /// The questions of a file of JSON lines.
    package func questions(in path: String) throws -> [Question] {
        var questions: [Question] = []
        try JSONLines.forEach(JSONValue.self, in: path) { record, line in
            do throws(RecordProblem) {
                questions.append(try question(from: record))
            } catch {
                throw ReasoningError.line(path: path, line: line, problem: error)
            }
        }
        return questions
    }

    /// The question that `record` holds. A text is required; the fields for answer, level, id and
    /// source must be there if they are mapped, but may be null.
    package func question(from record: JSONValue) throws(RecordProblem) -> Question {
        guard case .object = record else { throw .notAnObject }
        guard let text = try string(text, of: record) else {
            throw .wrongType(field: text, expected: "a text")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw .empty(field: self.text)
        }
        return Question(
            id: try string(id, of: record), task: task, text: text,
            answer: try string(answer, of: record), level: try integer(level, of: record),
            split: split,
            source: try string(source, of: record) ?? defaultSource)
    }

    private func field(_ path: String, of record: JSONValue) throws(RecordProblem) -> JSONValue {
        guard let value = record.value(at: path) else {
            throw .missing(field: path)
        }
        return value
    }

    /// A text, or a number as it is written; `nil` for null and where nothing is mapped.
    private func string(_ path: String?, of record: JSONValue) throws(RecordProblem) -> String? {
        guard let path else { return nil }
        switch try field(path, of: record) {
        case .null: return nil
        case .text(let text): return text
        case .integer(let integer): return String(integer)
        case .number(let number): return "\(number)"
        default: throw .wrongType(field: path, expected: "a text")
        }
    }

    /// A whole number, or a text that is one.
    private func integer(_ path: String?, of record: JSONValue) throws(RecordProblem) -> Int? {
        guard let path else { return nil }
        switch try field(path, of: record) {
        case .null: return nil
        case .integer(let integer): return integer
        case .text(let text):
            if let integer = Int(text) { return integer }
        default: break
        }
        throw .wrongType(field: path, expected: "a whole number")
    }
}
