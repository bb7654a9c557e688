import JSON

/// Reads the files of a data set.
package struct DataSetReader: Sendable {
    package var format: RecordFormat
    package var mapping: QuestionMapping

    /// What records must say to be taken.
    package var conditions: [RecordCondition]

    /// The members of archives that are read.
    package var members: MemberSelection

    /// The members whose questions are for tests, as a pattern; empty for none.
    package var testMembers: String
    package var splits: Splits

    /// Empty for none.
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

    /// One of the files.
    package struct File: Hashable, Sendable {
        package let path: String

        /// What the file is called in what does not depend on its name.
        package let position: String

        /// Whether its questions are for tests.
        package let isTest: Bool

        package init(_ path: String, position: String, isTest: Bool) {
            self.path = path
            self.position = position
            self.isTest = isTest
        }
    }

    /// A question and where its record stands, as `DataSet.add` takes it.
    private struct Found {
        let mapped: MappedQuestion
        let position: String
    }

    /// Adds the questions of `file` to `set`, those of an archive in the order of its members' names. Calls
    /// `check` after every record, which may throw to stop, and `warn` with what looks odd but can be read.
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
            // What is no archive has one member, whose records need not wait for others to be sorted.
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

    /// How many rows a record holds that is no record but a table by columns: the text and the answer, or without
    /// one every field, are lists of as many elements.
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

    /// The question of a record that is not taken, which need not hold one: then its text is the record's.
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
