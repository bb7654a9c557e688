/// Questions with their demonstrations, gathered record by record.
package struct DataSet: Sendable {
    package private(set) var questions: [Question] = []

    /// Of training questions alone.
    package private(set) var demonstrations: [Example] = []

    /// The records that are left out.
    package private(set) var exclusions: [ExcludedQuestion] = []

    /// The training questions that have no demonstration, though the records have a field for it.
    package private(set) var undemonstrated: [ExcludedQuestion] = []

    /// The questions' ids by their texts without regard to blanks.
    private var idByText: [String: String] = [:]

    /// Where the questions' records stand, by id.
    private var placeByID: [String: String] = [:]

    package init() {}

    /// Takes a question, unless its record has a problem or an earlier question has the same text. `position`
    /// says where the record stands without the names of files, on which no result may depend; `place` says it
    /// for people. Throws `repeatedID` if an earlier question with another text has the id.
    package mutating func add(
        _ mapped: MappedQuestion, position: String, place: String
    ) throws(ReasoningError) {
        let question = mapped.question
        if let problem = mapped.problem {
            exclusions.append(ExcludedQuestion(question, reason: "\(position): \(problem)"))
            return
        }
        let text = question.text.withSingleSpaces
        if let first = idByText[text] {
            let reason = "\(position): the same text as the question \(first)"
            exclusions.append(ExcludedQuestion(question, reason: reason))
            return
        }
        if let first = placeByID[question.id] {
            throw .repeatedID(question.id, place: place, first: first)
        }
        idByText[text] = question.id
        placeByID[question.id] = place
        questions.append(question)
        guard question.split != Splits.test else { return }
        switch mapped.demonstration {
        case .unmapped: break
        case .missing(let problem):
            undemonstrated.append(ExcludedQuestion(question, reason: "\(position): \(problem)"))
        case .example(let example): demonstrations.append(example)
        }
    }

    /// How many questions each source has, the largest first.
    package var sources: [(name: String, count: Int)] {
        Dictionary(grouping: questions, by: \.source).map { ($0, $1.count) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
}
