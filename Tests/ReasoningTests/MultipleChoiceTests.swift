import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MultipleChoiceTests {
    private let fixture: DataSetFixture

    init() throws { fixture = try DataSetFixture() }

    private func reader(
        _ fields: [String], _ answer: MultipleChoice.Answer, isShuffled: Bool = false, seed: Int = 0
    ) -> DataSetReader {
        var reader = fixture.reader()
        reader.mapping.choices = MultipleChoice(
            fields: fields, answer: answer, isShuffled: isShuffled, seed: seed)
        return reader
    }

    private func questions(_ lines: [String], _ reader: DataSetReader) throws -> [Question] {
        let path = try fixture.directory.write(lines.joined(separator: "\n"), to: "f")
        return try fixture.read(path, with: reader).questions
    }

    @Test(
        "The answer becomes the letter of the correct option, given as text, letter or index",
        arguments: [
            (MultipleChoice.Answer.text, #""blue""#), (.letter, #""B""#), (.index, "1"),
        ])
    func letters(_ kind: MultipleChoice.Answer, _ answer: String) throws {
        let list = #"{"q":"Which?","o":["red"," blue\n","green"],"a":\#(answer)}"#
        let apart = #"{"q":"Which?","x":"red","y":"blue","z":"green","a":\#(answer)}"#
        for (line, fields) in [(list, ["o"]), (apart, ["x", "y", "z"])] {
            let question = try questions([line], reader(fields, kind))[0]
            #expect(question.text == "Which?\n\n(A) red\n(B) blue\n(C) green")
            #expect(question.answer == "B")
        }
    }

    @Test("A question without an answer is left out, with its options but no letter")
    func unknown() throws {
        let path = try fixture.directory.write(
            #"{"q":"Which?","o":["red","blue"],"a":null}"#, to: "f")
        let set = try fixture.read(path, with: reader(["o"], .letter))
        #expect(set.questions == [])
        #expect(set.exclusions.map(\.reason) == ["files[0]:1: the field 'a' has no text"])
        #expect(set.exclusions.map(\.text) == ["Which?\n\n(A) red\n(B) blue"])
        #expect(set.exclusions.map(\.answer) == [nil])
    }

    @Test("Shuffled options depend on the seed and the question alone, and all orders occur")
    func shuffled() throws {
        let lines = (0..<60).map {
            #"{"q":"Which is \#($0)?","o":["right","wrong","other"],"a":"right"}"#
        }
        let shuffling = reader(["o"], .text, isShuffled: true)
        let all = try questions(lines, shuffling)
        for question in all {
            let letter = try #require(question.answer)
            #expect(question.text.contains("(\(letter)) right"))
        }
        #expect(Set(all.map { $0.text.split(separator: "?")[1] }).count == 6)
        #expect(try questions(lines.reversed(), shuffling) == all.reversed())
        let others = try questions(lines, reader(["o"], .text, isShuffled: true, seed: 1))
        #expect(others.map(\.text) != all.map(\.text))
    }

    @Test("Places without an option are left out at the end")
    func places() throws {
        let lines = [
            #"{"q":"One?","o":["red","N/A","blue","N/A",null],"a":"C"}"#,
            #"{"q":"Two?","o":["red","N/A"],"a":"B"}"#,
        ]
        let texts = try questions(lines, reader(["o"], .letter)).map(\.text)
        #expect(texts == ["One?\n\n(A) red\n(B) N/A\n(C) blue", "Two?\n\n(A) red\n(B) N/A"])
    }

    @Test("A right option that stands twice leaves the question out")
    func twice() throws {
        let path = try fixture.directory.write(
            #"{"q":"Which?","o":["red","red","blue"],"a":"red"}"#, to: "f")
        let set = try fixture.read(path, with: reader(["o"], .text))
        #expect(set.questions == [])
        #expect(set.exclusions.map(\.reason) == ["files[0]:1: the right option stands twice"])
    }

    @Test(
        "Options that cannot be are named",
        arguments: [
            (#"["red"]"#, #""A""#, "@:1: there are 1 options to choose from, not 2 to 26"),
            (#""red""#, #""A""#, "@:1: the field 'o' is not a list"),
            (
                #"["red","blue"]"#, #""C""#,
                "@:1: the field 'a' is 'C', which is not one of the options"
            ),
            (
                #"["red","blue"]"#, #""a""#,
                "@:1: the field 'a' is 'a', which is not one of the options"
            ),
        ])
    func mistakes(_ options: String, _ answer: String, _ expected: String) throws {
        _ = try fixture.directory.write(
            #"{"q":"Which?","o":\#(options),"a":\#(answer)}"#, to: "f")
        #expect(fixture.message("f", with: reader(["o"], .letter)) == expected)
    }
}
