import Foundation
import Reasoning
import Testing

@Suite("Formats of records", .timeLimit(.minutes(10)))
struct RecordFormatTests {
    private let fixture: DataSetFixture

    init() throws { fixture = try DataSetFixture() }

    private func texts(_ content: String, _ format: RecordFormat) throws -> [String] {
        _ = try fixture.directory.write(content, to: "f")
        return try fixture.texts("f", with: fixture.reader(format))
    }

    private func message(_ content: String, _ format: RecordFormat) throws -> String {
        _ = try fixture.directory.write(content, to: "f")
        return fixture.message("f", with: fixture.reader(format))
    }

    @Test("A document is a list, an object with a list, or a record")
    func documents() throws {
        let list = #"[ {"q":"one","a":"1"},\#n {"q":"two","a":2} ]"#
        #expect(try texts(list, .document(list: "")) == ["one", "two"])
        let nested = #"{"data": {"items": \#(list)}, "version": 1}"#
        #expect(try texts(nested, .document(list: "data.items")) == ["one", "two"])
        #expect(try texts(#"{"q":"one","a":"1"}"#, .document(list: "")) == ["one"])
        #expect(try texts("[]", .document(list: "")) == [])
    }

    @Test(
        "A problem in a document is reported with its line, record or path",
        arguments: [
            (
                "[\n  {\"q\": \"é\", \"a\": }\n]", "",
                "@:2: the line is not valid JSON: column 19: in the field '0.a' a value expected"
            ),
            (
                "\n ", "",
                "@:2: the line is not valid JSON: column 2: a value expected, the line ends"
            ),
            (#"[{"q":"one","a":"1"},{"q":"two"}]"#, "", "@, record 2: the field 'a' is missing"),
            (#"{"q":"one"}"#, "data.items", "cannot read @: it has no list under 'data.items'"),
            (#"{"items":{}}"#, "items", "cannot read @: it has no list under 'items'"),
        ])
    func badDocuments(_ content: String, _ path: String, _ expected: String) throws {
        #expect(try message(content, .document(list: path)) == expected)
    }

    @Test("A byte order mark before lines or a document is left out")
    func byteOrderMark() throws {
        let lines = DataSetFixture.line("one") + DataSetFixture.line("two")
        #expect(try texts("\u{FEFF}" + lines, .lines) == ["one", "two"])
        #expect(try texts("\u{FEFF}", .lines) == [])
        let list = #"[{"q":"one","a":"1"}]"#
        #expect(try texts("\u{FEFF}" + list, .document(list: "")) == ["one"])
        #expect(
            try message(lines + "\u{FEFF}" + lines, .lines)
                == "@:3: the line is not valid JSON: column 1: a byte order mark: save the file as UTF-8 without one"
        )
    }

    @Test("A whole number keeps all its digits")
    func longIntegers() throws {
        let numbers = [
            "9223372036854775807", "9223372036854775808", "-9223372036854775809",
            "100000000000000000000000000000000000000000001", "-7",
        ]
        let rows = numbers.map { #"{"q":"\#($0)?","a":\#($0),"more":[1e30,"\#($0)"]}"# }
        for (content, format) in [
            (rows.joined(separator: "\n"), RecordFormat.lines),
            ("[" + rows.joined(separator: ",\n") + "]", .document(list: "")),
        ] {
            #expect(try texts(content, format) == numbers.map { $0 + "?" })
            let set = try fixture.read(fixture.directory.file("f"), with: fixture.reader(format))
            #expect(set.questions.map(\.answer) == numbers)
        }
    }

    @Test("A table by columns is no record")
    func columns() throws {
        let refused =
            "it contains the columns of 2 rows instead of one record: write one record per row"
        let table = #"{"q":["one","two"],"a":["1","2"]}"#
        #expect(try message(table, .document(list: "")) == "@, record 1: \(refused)")
        #expect(try message(table, .lines) == "@:1: \(refused)")
        // One question in parts.
        #expect(try texts(#"{"q":["one","two"],"a":"1"}"#, .lines) == ["one\n\ntwo"])
        #expect(try texts(#"{"q":["one"],"a":["1"]}"#, .lines) == ["one"])
    }

    @Test("A document that is not UTF-8, or has too many values, is refused")
    func unfitDocuments() throws {
        try Data([0x5B, 0xFF, 0x5D]).write(to: URL(filePath: fixture.directory.file("f")))
        let reader = fixture.reader(.document(list: ""))
        #expect(fixture.message("f", with: reader) == "cannot read @: it is not UTF-8 text")
        let many = "[" + String(repeating: "0,", count: 1 << 19) + "0]"
        #expect(
            try message(many, .document(list: ""))
                == "cannot read @: it holds more than 524288 values: write its records as JSON lines"
        )
    }

    @Test("Cells may be in quotes, with commas, line ends and doubled quotes")
    func tables() throws {
        let table = "\u{FEFF}\"q\",a\r\n\"one, \"\"1\"\"\r\nor so\",1\r\n\r\ntwo,\n\nthree,\"3\""
        #expect(try texts(table, .table) == ["one, \"1\"\r\nor so", "three"])
        let set = try fixture.read(fixture.directory.file("f"), with: fixture.reader(.table))
        #expect(set.questions.map(\.answer) == ["1", "3"])
        // An empty cell is a null.
        #expect(set.exclusions.map(\.text) == ["two"])
        #expect(set.exclusions.map(\.reason) == ["files[0]:5: the field 'a' has no text"])
        #expect(try texts("q,a\n", .table) == [])
        #expect(try texts("", .table) == [])
    }

    @Test(
        "Tabs or semicolons separate cells where the names of the columns have no comma between them"
    )
    func separators() throws {
        #expect(
            try texts("q\ta\none, or so\t1\ntwo; three\t2\n", .table) == [
                "one, or so", "two; three",
            ])
        #expect(try texts("\u{FEFF}\r\nq;a\r\n\"one;\";1\r\n", .table) == ["one;"])
        #expect(try texts("\"x,y\";q;a\n1;one;2", .table) == ["one"])
        #expect(try texts("q,a;b,a\none,,1", .table) == ["one"])
        #expect(
            try message("q\none;1,2\n", .table)
                == "@:2: the row has 2 cells, but the header has 1")
    }

    @Test(
        "A problem in a table is reported with its line",
        arguments: [
            ("q,a\n\"one\n\",1\ntwo,\"2", "@:4: the quote that opens a cell here is never closed"),
            (
                "q,a\none,1\nt\"w\"o,2\n",
                "@:3: a quote occurs inside a cell without quotes: put the cell in quotes and double this quote"
            ),
            (
                "q,a\n\"one\" ,1\n",
                "@:2: after a cell's closing quote, a separator or the end of the line is expected"
            ),
            (
                "q,a\n\"o\nne\",1\ntwo\n",
                "@:4: the row has 1 cells, but the header has 2"
            ),
            ("q,a,q\n", "@:1: two columns are named 'q': rename one"),
            ("q,b\none,1\n", "@:2: the field 'a' is missing"),
            (String(repeating: ",", count: 4096), "@:1: the row has more than 4096 cells"),
        ])
    func badTables(_ content: String, _ expected: String) throws {
        #expect(try message(content, .table) == expected)
    }

    @Test("A table that is not UTF-8 is refused")
    func notUTF8() throws {
        try Data("q,a\none,1\n".utf8 + [0xFF, 0x2C, 0x31])
            .write(to: URL(filePath: fixture.directory.file("f")))
        #expect(
            fixture.message("f", with: fixture.reader(.table)) == "@:3: the line is not UTF-8 text")
    }

    @Test("Every text survives as a cell of a table")
    func roundTrip() throws {
        var random = RandomSource(seed: 5)
        let parts = ["a", "\"", ",", "\n", "\r\n", "é", " ", "\"\"", "\u{FEFF}"]
        let texts = (0..<500).map { number in
            let more = (0..<random.integer(below: 8)).map { _ in random.element(of: parts) }
            return "\(number):" + more.joined() + "."
        }
        let rows = texts.map { "1,\"\($0.replacing("\"", with: "\"\""))\"\r\n" }
        #expect(try self.texts("a,q\r\n" + rows.joined(), .table) == texts)
    }

    @Test("Any bytes are a table or an error that names a line")
    func anyBytes() throws {
        var random = RandomSource(seed: 6)
        let bytes = Array("\",\n\rqa1".utf8) + [0xFF]
        for _ in 0..<2_000 {
            let content = (0..<random.integer(below: 20)).map { _ in random.element(of: bytes) }
            try Data("q,a\n".utf8 + content)
                .write(to: URL(filePath: fixture.directory.file("f")))
            let message = fixture.message("f", with: fixture.reader(.table))
            #expect(message.hasPrefix("no error") || message.wholeMatch(of: /@:\d+: .+/) != nil)
        }
    }
}
