import Foundation
import Glibc
import JSON
import Pipeline
import Stages
import Testing

@Suite("What is kept of secrets", .timeLimit(.minutes(10)))
struct SecretsTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func masked(_ text: String, _ values: String...) -> String {
        SecretMask(values).masked(text)
    }

    @Test("A value is hidden in every spelling that JSON has for it")
    func spellings() throws {
        let value = "pa\"ss\\wörd/\u{1F511}\u{1}x"
        let ascii = #"pa\"ss\\w\u00f6rd/\ud83d\udd11\u0001x"#
        for text in [
            value, ascii, ascii.replacing("/", with: "\\/"),
            #"pa\"ss\\w\u00F6rd\/\uD83D\uDD11\u0001x"#,
            String(decoding: try JSONEncoder().encode(value).dropFirst().dropLast(), as: UTF8.self),
            String(JSONValue.string(value).canonical.dropFirst().dropLast()),
            String(decoding: JSONLine.encode(value).dropFirst().dropLast(), as: UTF8.self),
        ] {
            #expect(masked("<\(text)>", value) == "<***>", "\(text)")
        }
    }

    @Test(
        "A writer may escape any character, and as it likes",
        arguments: [
            ("abcd<xyz", #"abcd\u003cxyz"#), ("abcd\"xyz", #"abcd\u0022xyz"#),
            ("abcd'=xyz", #"\u0061bcd\u0027\u003Dxyz"#), ("abcd\txyz", #"abcd\u0009xyz"#),
            (#"C:\new1"#, #"C:\\new1"#), (#"C:\new1"#, #"C:\new1"#),
        ])
    func anyEscape(value: String, text: String) {
        #expect(masked("\\<\(text)\\n", value) == "\\<***\\n")
    }

    @Test("Bytes decide: a mark that combines with the end of a value does not hide it")
    func combining() {
        #expect(masked("s3cr3t\u{301}", "s3cr3t") == "***\u{301}")
        #expect(masked("s3cr3t\u{FE0F}!", "s3cr3t") == "***\u{FE0F}!")
        #expect(masked("\u{200D}s3cr3t\r\n", "s3cr3t") == "\u{200D}***\r\n")
    }

    @Test("Lines of a value count, without the blanks around them, unless they are very short")
    func lines() {
        #expect(
            masked("key1234 and } and 5678key", "{\n  key1234 \r\n5678key\n}\n")
                == "*** and } and ***")
        #expect(masked("s3cr3t", "s3cr3t\n") == "***")
    }

    @Test("Values that overlap are hidden together")
    func overlap() {
        #expect(masked("-abcdefghij-", "abcdef", "efghij") == "-***-")
        #expect(masked("-ababab-", "abab") == "-***-")
    }

    @Test("A value that is too short is refused in words")
    func short() {
        #expect {
            _ = try Secrets(["PIN"], from: ["PIN": "123\n"])
        } throws: { error in
            "\(error)".hasPrefix("the value of the secret PIN has fewer than 4 bytes")
        }
    }

    @Test("Files, directories and links that hold a value go, wherever in a file it is")
    func leaks() throws {
        let secrets = try Secrets(["TOKEN"], from: ["TOKEN": "s3cr3tvalue"])
        let directory = bench.directory + "/attempt/out"
        try bench.write(["fine"], to: "attempt/out/fine.txt")
        try bench.write(["fine"], to: "attempt/out/sub/s3cr3tvalue.d/inner/file.txt")
        try bench.write(["API=s3cr3tvalue"], to: "attempt/scratch")
        try bench.write(["API=s3cr3tvalue"], to: "work/earlier/scratch")
        // Over the end of a piece that is read at once.
        let filler = String(repeating: "x", count: (1 << 20) - 5)
        try bench.write([filler + "s3cr3tvalue"], to: "attempt/out/large")
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/link", withDestinationPath: "/nowhere/s3cr3tvalue")
        try #require(mkfifo(directory + "/pipe", 0o600) == 0)
        try bench.write(["s3cr3tvalue"], to: "attempt/out/closed")
        chmod(directory + "/closed", 0)
        let leak = try secrets.removeLeaks(
            from: ["made": directory], and: bench.directory + "/work")
        #expect(
            leak == .secretInOutput("TOKEN", output: "made", file: "closed"))
        let left = try FileManager.default.subpathsOfDirectory(atPath: bench.directory).sorted()
        #expect(
            left == [
                "attempt", "attempt/out", "attempt/out/fine.txt", "attempt/out/pipe",
                "attempt/out/sub",
                "work", "work/earlier",
            ])
    }

    @Test("The secret is masked in the name of a removed file")
    func names() throws {
        let secrets = try Secrets(["TOKEN"], from: ["TOKEN": "s3cr3tvalue"])
        try bench.write(["x"], to: "out/f-s3cr3tvalue.txt")
        let leak = try secrets.removeLeaks(
            from: ["made": bench.directory + "/out"], and: bench.directory)
        #expect(leak == .secretInOutput("TOKEN", output: "made", file: "f-***.txt"))
    }

    @Test("Secrets are masked in names of metrics and units of progress")
    func events() throws {
        let secrets = try Secrets(
            ["TOKEN", "NUMBER", "TAB"],
            from: ["TOKEN": "s3cr3tvalue", "NUMBER": "73737373", "TAB": "abcd\tefgh"])
        let log = Bench.Log()
        let output = CommandOutput(secrets: secrets) { log.add($0) }
        let lines = """
            {"metric":{"name":"latency/s3cr3tvalue","step":0,"value":1}}
            {"progress":{"done":1,"total":2,"unit":"s3cr3tvalue"}}
            {"metric":{"name":"s3cr3tvalue","value":"x"}}
            {"metric":{"name":"x","step":73737373,"value":73737373.5}}
            {"metric":{"name":"abcd\\tefgh","step":1,"value":2}}
            {"checkpoint":{"step":73737373}}

            """
        Array(lines.utf8).withUnsafeBytes { output.print($0) }
        #expect(
            log.events.prefix(2) == [
                .metric(name: "latency/***", step: 0, value: 1),
                .progress(done: 1, total: 2, unit: "***"),
            ])
        for value in ["s3cr3tvalue", "73737373", "abcd", "efgh"] {
            #expect(!log.events.contains { "\($0)".contains(value) }, "\(log.events)")
        }
        #expect(log.events.contains(.metric(name: "***", step: 1, value: 2)))
        #expect(
            log.events.contains(
                .log(#"{"metric":{"name":"x","step":***,"value":***.5}}"#)))
    }
}
