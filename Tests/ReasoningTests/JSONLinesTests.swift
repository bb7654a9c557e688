import Foundation
import Reasoning
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct JSONLinesTests {
    private struct Row: Codable, Hashable {
        var name: String
        var count: Int?
        var share: Double?
        var parts: [Int]
    }

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("Fields stand in declared order, and nil and numbers that are not finite are null")
    func writing() {
        let row = Row(name: "a \"b\"\\\n\u{1}é/", count: nil, share: .infinity, parts: [1, 2])
        #expect(
            JSONLines.text(of: row)
                == #"{"name":"a \"b\"\\\n\u0001é/","count":null,"share":null,"parts":[1,2]}"#)
        #expect(
            JSONLines.text(of: [0.1, 1, -0.0, 1e300, .leastNonzeroMagnitude])
                == "[0.1,1.0,-0.0,1e+300,5e-324]")
        #expect(JSONLines.text(of: [Double.nan]) == "[null]")
        #expect(JSONLines.text(of: ["b": ["c": Float(0.1)]]) == #"{"b":{"c":0.1}}"#)
    }

    @Test("The log-probabilities of tokens have three decimals, and no negative zero")
    func tokenScores() {
        let values: [Float] = [-0.0004, -1.23456, -12, -0.0006, -.infinity]
        let score = TokenScore(question: "q", sample: 0, logProbabilities: values, ends: nil)
        #expect(
            JSONLines.text(of: score)
                == #"{"question":"q","sample":0,"log_probs":[0.0,-1.235,-12.0,-0.001,null],"ends":null}"#
        )
    }

    @Test("The lines of files are joined, without blank ones")
    func joining() throws {
        let (first, second) = (directory.file("first"), directory.file("second"))
        try Data("[1]\n\n[2]".utf8).write(to: URL(fileURLWithPath: first))
        try Data("[3]\n".utf8).write(to: URL(fileURLWithPath: second))
        let path = directory.file("joined")
        var writer = try JSONLinesWriter(path)
        try writer.append(linesOf: first)
        try writer.append([0])
        try writer.append(linesOf: second)
        try writer.finish()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "[1]\n[2]\n[0]\n[3]\n")
    }

    @Test("Line ends of Unicode are escaped, for other programs end lines at them")
    func lineEnds() throws {
        let text = "a\u{2028}b\u{2029}c\u{85}d\u{2027}\u{A8}\u{E9}"
        #expect(
            JSONLines.text(of: ["t": text])
                == #"{"t":"a\u2028b\u2029c\u0085d"# + "\u{2027}\u{A8}\u{E9}" + #""}"#)
        let path = directory.file("rows.jsonl")
        try JSONLines.write([["t": text]], to: path)
        #expect(try JSONLines.read([String: String].self, from: path) == [["t": text]])
    }

    @Test("Records have the fields of the formats")
    func formats() {
        let question = Question(
            task: "countdown", text: "4 8 7 : 39", answer: nil, level: nil, split: "train",
            source: "file")
        #expect(
            JSONLines.text(of: question)
                == #"{"id":"\#(question.id)","task":"countdown","text":"4 8 7 : 39","answer":null,"level":null,"split":"train","source":"file"}"#
        )
        let example = Example(
            question: question, trace: "t", answer: "a", source: .trace, sample: 3)
        #expect(
            JSONLines.text(of: example)
                == #"{"question":"\#(question.id)","task":"countdown","text":"4 8 7 : 39","level":null,"trace":"t","answer":"a","weight":1.0,"source":"trace","sample":3}"#
        )
        let verdict = Verdict(isCorrect: false, reason: "no answer", extracted: nil)
        #expect(
            JSONLines.text(of: verdict)
                == #"{"correct":false,"reason":"no answer","extracted":null}"#)
        #expect(
            JSONLines.text(of: Verdict.unjudged("too long", extracted: "1"))
                == #"{"correct":false,"judged":false,"reason":"not judged: too long","extracted":"1"}"#
        )
        #expect(
            JSONLines.text(
                of: VerdictRecord(question: "q-1", sample: 2, rollout: 0, verdict: verdict))
                == #"{"question":"q-1","sample":2,"rollout":0,"correct":false,"judged":true,"reason":"no answer","extracted":null}"#
        )
    }

    @Test("Written records are read back, and no temporary file stays")
    func roundTrip() throws {
        let rows = (0..<500).map {
            Row(name: "é\($0)\t", count: $0 % 3 == 0 ? nil : $0, share: Double($0) / 7, parts: [$0])
        }
        let path = directory.file("rows.jsonl")
        try JSONLines.write(rows, to: path)
        #expect(try JSONLines.read(Row.self, from: path) == rows)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["rows.jsonl"])
        var lines: [Int] = []
        try JSONLines.forEach(Row.self, in: path) { lines.append($1) }
        #expect(lines == Array(1...500))
    }

    @Test("Empty lines, line ends of Windows and a missing last line end are accepted")
    func tolerance() throws {
        let row = #"{"name":"a","parts":[]}"#
        let path = try directory.write("\r\n\(row)\r\n \n\(row)")
        #expect(try JSONLines.read(Row.self, from: path).count == 2)
    }

    @Test("Lines longer than a piece of the file are put together")
    func longLines() throws {
        let rows = [3 << 20, 1, 1 << 20].map {
            Row(name: String(repeating: "x", count: $0), count: nil, share: nil, parts: [])
        }
        let path = directory.file("long.jsonl")
        try JSONLines.write(rows, to: path)
        #expect(try JSONLines.read(Row.self, from: path) == rows)
    }

    @Test(
        "A bad line is named with its file, its number and its mistake",
        arguments: [
            (
                #"{"name":"a","parts":[]"#,
                "the line is not valid JSON: column 23: `,` or `}` expected, the line ends"
            ),
            ("nonsense", "the line is not valid JSON: column 1: a value expected"),
            ("[1,2]", "the line is not a JSON object"),
            (#"{"parts":[]}"#, "the field 'name' is missing"),
            (#"{"name":null,"parts":[]}"#, "the field 'name' is not a text"),
            (#"{"name":7,"parts":[]}"#, "the field 'name' is not a text"),
            (#"{"name":"a","count":"7","parts":[]}"#, "the field 'count' is not a whole number"),
            (
                #"{"name":"a","count":7.5,"parts":[]}"#,
                "the field 'count' cannot hold the number 7.5"
            ),
            (#"{"name":"a","share":true,"parts":[]}"#, "the field 'share' is not a number"),
            (#"{"name":"a","parts":{}}"#, "the field 'parts' is not a list"),
            (#"{"name":"a","parts":[1,"x"]}"#, "the field 'parts.1' is not a whole number"),
        ])
    func badLines(_ line: String, _ message: String) throws {
        let path = try directory.write(#"{"name":"good","parts":[]}"# + "\n\n" + line + "\n")
        let error = #expect(throws: ReasoningError.self) {
            try JSONLines.read(Row.self, from: path)
        }
        #expect(error?.description == "\(path):3: \(message)")
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notUTF8() throws {
        let path = directory.file("bytes.jsonl")
        try Data([0x7B, 0xFF, 0x7D, 10]).write(to: URL(filePath: path))
        let error = #expect(throws: ReasoningError.self) {
            try JSONLines.read(Row.self, from: path)
        }
        #expect(error?.description == "\(path):1: the line is not UTF-8 text")
    }

    @Test("A line over 64 MiB is refused before it fills the memory")
    func tooLong() throws {
        let path = directory.file("zeros.jsonl")
        try Data().write(to: URL(filePath: path))
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 200 << 20)
        try file.close()
        let error = #expect(throws: ReasoningError.self) {
            try JSONLines.read(Row.self, from: path)
        }
        #expect(error?.description == "\(path):1: the line is longer than 64 MiB")
    }

    @Test("Files that cannot be read or written say why")
    func files() throws {
        let missing = directory.file("missing.jsonl")
        let reading = #expect(throws: ReasoningError.self) {
            try JSONLines.read(Row.self, from: missing)
        }
        #expect(reading?.description == "cannot read \(missing): there is no such file")
        let folder = #expect(throws: ReasoningError.self) {
            try JSONLines.read(Row.self, from: directory.path)
        }
        #expect(folder?.description == "cannot read \(directory.path): it is a directory")
        let nowhere = directory.file("no/where.jsonl")
        let writing = #expect(throws: ReasoningError.self) {
            try JSONLines.write([1], to: nowhere)
        }
        #expect(writing?.description == "cannot write \(nowhere): No such file or directory")
    }

    @Test("A writer that does not finish leaves nothing behind")
    func unfinished() throws {
        do {
            var writer = try JSONLinesWriter(directory.file("rows.jsonl"))
            try writer.append([1])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test("Of several wrong lines the first is named")
    func firstMistake() throws {
        let path = directory.file("rows.jsonl")
        let good = #"{"name":"a","parts":[]}"#
        let lines = [Data(good.utf8), Data("{".utf8), Data([0xFF]), Data(#"{"name":1}"#.utf8)]
        try Data(lines.joined(separator: [10])).write(to: URL(filePath: path))
        #expect {
            _ = try JSONLines.read(Row.self, from: path)
        } throws: { "\($0)".contains("rows.jsonl:2: ") }
    }
}
