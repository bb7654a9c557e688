import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DataSetTests {
    private let fixture: DataSetFixture

    init() throws { fixture = try DataSetFixture() }

    private func set(_ lines: [String], _ reader: DataSetReader? = nil) throws -> DataSet {
        let path = try fixture.directory.write(lines.joined(separator: "\n"), to: "f")
        return try fixture.read(path, with: reader ?? fixture.reader())
    }

    @Test(
        "Of questions whose texts differ only in blanks and case the first is kept, and the others are excluded with a reason"
    )
    func duplicates() throws {
        let set = try set([
            #"{"q":"one  two","a":"1"}"#, #"{"q":"three","a":"1"}"#,
            #"{"q":" one\ntwo ","a":"2"}"#, #"{"q":"Straße","a":"1"}"#,
            #"{"q":"three","a":"1"}"#, #"{"q":"ONE two","a":"1"}"#, #"{"q":"STRASSE","a":"1"}"#,
        ])
        #expect(set.questions.map(\.text) == ["one  two", "three", "Straße"])
        let (first, third, last) = (
            set.questions[0].id, set.questions[1].id, set.questions[2].id
        )
        #expect(
            set.exclusions.map(\.reason) == [
                "files[0]:3: the same text as the question \(first)",
                "files[0]:5: the same text as the question \(third)",
                "files[0]:6: the same text as the question \(first)",
                "files[0]:7: the same text as the question \(last)",
            ])
        #expect(set.exclusions.map(\.text) == [" one\ntwo ", "three", "ONE two", "STRASSE"])
        #expect(set.exclusions[1].question == third)
    }

    @Test("The same question may stand in training and test files in any order: the test keeps it")
    func testsWin() throws {
        var reader = fixture.reader()
        reader.mapping.trace = "r"
        func line(_ text: String, _ answer: Int) -> String {
            #"{"q":"\#(text)","a":"\#(answer)","r":"so"}"#
        }
        let train = try fixture.directory.write(
            [line("one", 1), line("two", 1), line(" one", 2)].joined(separator: "\n"), to: "f")
        let test = try fixture.directory.write(
            [line("ONE ", 3), line("one", 4)].joined(separator: "\n"), to: "g")
        let files = [
            DataSetReader.File(train, position: "files[0]", isTest: false),
            .init(test, position: "test_files[0]", isTest: true),
        ]
        for files in [files, files.reversed()] {
            var set = DataSet()
            for file in files { try reader.read(file, into: &set) {} }
            #expect(Set(set.questions.map(\.text)) == ["ONE ", "two"])
            let kept = try #require(set.questions.first { $0.text == "ONE " })
            #expect(kept.split == "test" && kept.answer == "3")
            #expect(
                set.demonstrations.map(\.question)
                    == set.questions.map(\.id).filter { $0 != kept.id })
            #expect(
                Set(set.exclusions.map(\.reason))
                    == Set(
                        ["files[0]:1", "files[0]:3", "test_files[0]:2"].map {
                            "\($0): the same text as the question \(kept.id)"
                        }))
            #expect(set.exclusions.map(\.answer).sorted { $0 ?? "" < $1 ?? "" } == ["1", "2", "4"])
        }
    }

    @Test("Questions whose records have the same name are distinguished by their content")
    func repeatedNames() throws {
        var reader = fixture.reader()
        reader.mapping.id = "id"
        let lines = [
            #"{"q":"one","a":"1","id":7}"#, #"{"q":"two","a":"1","id":"7"}"#,
            #"{"q":"three","a":"1","id":7}"#,
        ]
        let ids = try set(lines, reader).questions.map(\.id)
        #expect(Set(ids).count == 3)
        #expect(ids.allSatisfy { $0.hasPrefix("7-") && $0.count == 14 })
        reader.mapping.defaultSource = "other"
        #expect(Set(try set(lines, reader).questions.map(\.id)).isDisjoint(with: ids))
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

    @Test("Flags are texts, too, and a null is an empty one")
    func flags() throws {
        var reader = fixture.reader()
        reader.conditions = ["b=false"].compactMap { RecordCondition($0) }
        let lines = ["false", "true", "null"].map { #"{"q":"\#($0)?","a":"1","b":\#($0)}"# }
        #expect(try set(lines, reader).questions.map(\.text) == ["false?"])
        reader.conditions = ["b="].compactMap { RecordCondition($0) }
        #expect(try set(lines, reader).questions.map(\.text) == ["null?"])
        reader.conditions = []
        reader.mapping.answer = "b"
        #expect(try set(lines, reader).questions.map(\.answer) == ["false", "true"])
    }

    @Test(
        "In a pattern only `*` stands for other texts",
        arguments: [
            ("[1,2]", "[1,2]", true), ("1", "[1,2]", false), ("a?", "a?", true),
            ("ab", "a?", false),
            (#"\frac12"#, #"\frac*"#, true), (#"\*"#, #"\*"#, true), ("abc", "", false),
            ("", "", true),
            ("", "*", true), ("abc", "*", true), ("abc", "a*c", true), ("abc", "*b*", true),
            ("abc", "*c*b*", false), ("ab", "ab*b", false), ("abab", "*ab", true),
            ("aba", "*ab", false),
            ("é", "*é*", true), ("abc", "abc", true), ("abcd", "abc", false),
            ("abcbc", "a**bc", true),
        ])
    func patterns(_ text: String, _ pattern: String, _ fits: Bool) throws {
        var reader = fixture.reader()
        reader.conditions = [try #require(RecordCondition("v=" + pattern))]
        let value = text.replacing("\\", with: "\\\\")
        let set = try set([#"{"q":"one","a":"1","v":"\#(value)"}"#], reader)
        #expect(set.questions.count == (fits ? 1 : 0))
    }

    @Test("A list fits a pattern as JSON")
    func listPatterns() throws {
        var reader = fixture.reader()
        reader.conditions = [try #require(RecordCondition("v=[1,2]"))]
        #expect(try set([#"{"q":"one","a":"1","v":[1, 2]}"#], reader).questions.count == 1)
    }

    @Test("A record that does not satisfy the condition need not contain a question")
    func unfitRecords() throws {
        var reader = fixture.reader()
        reader.conditions = [try #require(RecordCondition("kind=text"))]
        let set = try set(
            [
                #"{"q":"one","a":"1","kind":"text"}"#, #"{"kind":"image","q":null}"#,
                #"{"kind":"b"}"#,
            ],
            reader)
        #expect(set.questions.map(\.text) == ["one"])
        #expect(
            set.exclusions.map(\.reason) == [
                "files[0]:2: the field 'kind' does not fit 'text'",
                "files[0]:3: the field 'kind' does not fit 'text'",
            ])
        #expect(set.exclusions.map(\.text) == [#"{"kind":"image","q":null}"#, #"{"kind":"b"}"#])
        _ = try fixture.directory.write("[]", to: "f")
        #expect(fixture.message("f", with: reader) == "@:1: the line is not a JSON object")
    }

    @Test("A record whose answer is null or empty is left out", arguments: ["null", #"" ""#, "[]"])
    func withoutAnswers(_ answer: String) throws {
        let lines = [#"{"q":"one","a":\#(answer)}"#, #"{"q":"two","a":"2"}"#]
        let some = try set(lines)
        #expect(some.questions.map(\.text) == ["two"])
        #expect(some.exclusions.map(\.reason) == ["files[0]:1: the field 'a' has no text"])
        var reader = fixture.reader()
        reader.mapping.answer = nil
        #expect(try set(lines, reader).questions.map(\.answer) == [nil, nil])
        reader.mapping.solution = "a"
        #expect(
            try set(lines, reader).exclusions.map(\.reason) == [
                "files[0]:1: the field 'a' has no text"
            ])
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
