import Reasoning
import Testing

@Suite struct DataSetTests {
    private let fixture: DataSetFixture

    init() throws { fixture = try DataSetFixture() }

    private func set(_ lines: [String], _ reader: DataSetReader? = nil) throws -> DataSet {
        let path = try fixture.directory.write(lines.joined(separator: "\n"), to: "f")
        return try fixture.read(path, with: reader ?? fixture.reader())
    }

    @Test("Of questions with the same text but for blanks the first stays, and each other is told")
    func duplicates() throws {
        let set = try set([
            #"{"q":"one  two","a":"1"}"#, #"{"q":"three","a":"1"}"#,
            #"{"q":" one\ntwo ","a":"2"}"#, #"{"q":"One two","a":"1"}"#,
            #"{"q":"three","a":"1"}"#,
        ])
        #expect(set.questions.map(\.text) == ["one  two", "three", "One two"])
        let (first, third) = (set.questions[0].id, set.questions[1].id)
        #expect(
            set.exclusions.map(\.reason) == [
                "files[0]:3: the same text as the question \(first)",
                "files[0]:5: the same text as the question \(third)",
            ])
        #expect(set.exclusions.map(\.text) == [" one\ntwo ", "three"])
        #expect(set.exclusions[1].question == third)
    }

    @Test("Two questions with the same id are refused")
    func repeatedID() throws {
        var reader = fixture.reader()
        reader.mapping.id = "id"
        _ = try fixture.directory.write(
            #"{"q":"one","a":"1","id":7}"# + "\n" + #"{"q":"two","a":"2","id":"7"}"#, to: "f")
        #expect(
            fixture.message("f", with: reader)
                == "@:2: the id '7' is that of another question, at @:1: map another field to `id`, or none to name questions by their content"
        )
    }

    @Test("Records that do not fit a condition are left out, with the reason")
    func conditions() throws {
        var reader = fixture.reader()
        reader.conditions = ["url=*/2024_*", "n=3"].compactMap { RecordCondition($0) }
        let lines = [
            #"{"q":"one","a":"1","url":"x/2024_I","n":3}"#,
            #"{"q":"two","a":"1","url":"x/2023_I","n":3}"#,
            #"{"q":"three","a":"1","url":"x/2024_I","n":null}"#,
        ]
        let set = try set(lines, reader)
        #expect(set.questions.map(\.text) == ["one"])
        #expect(
            set.exclusions.map(\.reason) == [
                "files[0]:2: the field 'url' does not fit '*/2024_*'",
                "files[0]:3: the field 'n' does not fit '3'",
            ])
        #expect(RecordCondition("url") == nil)
        #expect(RecordCondition("=x") == nil)
    }

    @Test("A share of the questions is for tests, and more questions move none")
    func shares() throws {
        var reader = fixture.reader()
        reader.splits = Splits(name: "train", testShare: 0.25, seed: 3)
        let lines = (0..<2_000).map { #"{"q":"question \#($0)","a":"1"}"# }
        let all = try set(lines, reader).questions
        // Two thousand draws of one quarter: 500, with a standard deviation of 19.4.
        #expect(abs(all.count { $0.split == "test" } - 500) < 100)
        let some = try set(Array(lines.shuffled().prefix(100)), reader).questions
        #expect(Set(some).isSubset(of: Set(all)))
        reader.splits.seed = 4
        #expect(try set(lines, reader).questions != all)
        reader.splits.testShare = 1
        #expect(try set(lines, reader).questions.allSatisfy { $0.split == "test" })
    }

    @Test("Only training questions have demonstrations")
    func demonstrations() throws {
        var reader = fixture.reader()
        reader.mapping.trace = "r"
        let lines = [#"{"q":"one","a":"1","r":"so"}"#, #"{"q":"two","a":"1","r":""}"#]
        let train = try set(lines, reader)
        #expect(train.demonstrations.map(\.trace) == ["so"])
        #expect(
            train.undemonstrated.map(\.reason) == ["files[0]:2: the field 'r' has no trace"])
        reader.splits.name = "test"
        let test = try set(lines, reader)
        #expect(test.demonstrations == [])
        #expect(test.undemonstrated == [])
        #expect(test.questions.count == 2)
    }

    @Test("Sources are counted, the largest first")
    func sources() throws {
        var reader = fixture.reader()
        reader.mapping.source = "from"
        let set = try set(
            zip(["b", "a", "c", "b"], 0...).map { #"{"q":"\#($1)","a":"1","from":"\#($0)"}"# },
            reader)
        #expect(set.sources.map(\.name) == ["b", "a", "c"])
        #expect(set.sources.map(\.count) == [2, 1, 1])
    }
}
