import JSON

/// Reads the files of a data set.
package struct DataSetReader: Sendable {
    package var format: RecordFormat
    package var mapping: QuestionMapping

    /// The conditions that a record must meet.
    package var conditions: [RecordCondition]

    /// The members of archives to read.
    package var members: MemberSelection

    /// A pattern for the members with test questions; empty for none.
    package var testMembers: String
    package var splits: Splits

    /// The passphrase of encrypted archives; empty for none.
    package var passphrase: String

    package init(
        format: RecordFormat, mapping: QuestionMapping, conditions: [RecordCondition] = [],
        members: MemberSelection, testMembers: String = "", splits: Splits, passphrase: String = ""
    ) {
        self.format = format
        self.mapping = mapping
        self.conditions = conditions
        self.members = members
        self.testMembers = testMembers
        self.splits = splits
        self.passphrase = passphrase
    }

    /// A file of the data set.
    package struct File: Hashable, Sendable {
        package let path: String

        /// The name of the file in results that must not depend on its path.
        package let position: String

        /// Whether all its questions are test questions.
        package let isTest: Bool

        package init(_ path: String, position: String, isTest: Bool) {
            self.path = path
            self.position = position
            self.isTest = isTest
        }
    }

    /// A question and the position of its record, as `DataSet.add` takes them.
    private struct Found {
        let mapped: MappedQuestion
        let position: String
    }

    /// Adds the questions of `file` to `set`. The members of an archive are added in the order of their names.
    /// Calls `check` after every record, which may throw to stop, and `warn` with problems that do not prevent
    /// reading.
    package func read(
        _ file: File, into set: inout DataSet, warn: (String) -> Void = { _ in },
        check: () throws -> Void
    ) throws {
        var found: [(name: String, questions: [Found])] = []
        let published = PublishedFile(path: file.path, passphrase: passphrase)
        try published.forEachMember(members, warn: warn) { member in
            let isTest =
                file.isTest || member.name.map { MemberSelection.fits($0, testMembers) } == true
            let position = file.position + (member.name.map { " (\($0))" } ?? "")
            // A file that is not an archive has one member, so its records need not wait to be sorted.
            let waits = member.name != nil
            var questions: [Found] = []
            try format.forEachRecord(in: member) { record, number in
                let place = format.place(number)
                let mapped = try question(record, isTest: isTest, at: member.label + place)
                if waits {
                    questions.append(Found(mapped: mapped, position: position + place))
                } else {
                    set.add(mapped, position: position + place)
                }
                try check()
            }
            found.append((member.name ?? "", questions))
        }
        found.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for question in found.flatMap(\.questions) {
            set.add(question.mapped, position: question.position)
        }
    }

    private func question(
        _ record: JSONValue, isTest: Bool, at place: String
    ) throws(ReasoningError) -> MappedQuestion {
        do throws(RecordProblem) {
            guard case .object = record else { throw .notAnObject }
            for condition in conditions {
                guard let problem = try condition.problem(of: record) else { continue }
                return MappedQuestion(
                    question: leftOut(record), problem: problem, demonstration: .unmapped)
            }
            if let count = rows(inColumnsOf: record) { throw .columns(count) }
            return try mapped(record, isTest: isTest)
        } catch {
            throw .record(place: place, problem: error)
        }
    }

    /// The number of rows if `record` is not a record but a table by columns, otherwise `nil`. In a table by
    /// columns the text and the answer (or all fields, if no answer is mapped) are lists of the same length.
    private func rows(inColumnsOf record: JSONValue) -> Int? {
        guard !mapping.keepsLists, case .object(let fields) = record,
            case .array(let texts)? = record.value(at: mapping.text), texts.count > 1
        else { return nil }
        let others = mapping.answer.map { [record.value(at: $0)] } ?? fields.values.map { $0 }
        let areColumns = others.allSatisfy {
            if case .array(let elements)? = $0 { elements.count == texts.count } else { false }
        }
        return areColumns ? texts.count : nil
    }

    private func mapped(
        _ record: JSONValue, isTest: Bool
    ) throws(RecordProblem) -> MappedQuestion {
        try mapping.question(from: record) { isTest ? Splits.test : splits.split(of: $0) }
    }

    /// The question of a record that is left out. If the record has no valid question, the text is the record
    /// itself.
    private func leftOut(_ record: JSONValue) -> Question {
        do {
            return try mapped(record, isTest: false).question
        } catch {
            return Question(
                task: mapping.task, text: JSONLines.text(of: record), answer: nil, level: nil,
                split: splits.name, source: mapping.defaultSource)
        }
    }
}
