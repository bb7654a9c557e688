import Foundation
import FuzzSubjects
import Testing

@Suite("Hostile pipeline files", .timeLimit(.minutes(10)))
struct HostilePipelineTests {
    private let victim: Victim

    init() throws { victim = try Victim() }

    private static let start = "name: p\nstages:\n  q: { uses: ingest.countdown }\n"

    /// Nine levels of nine aliases: 9^9 values.
    private static func laughs(_ last: String) -> String {
        let levels = (1...9).map { level in
            "  l\(level): &l\(level) [\((["*l\(level - 1)"] * 9).joined(separator: ", "))]\n"
        }
        return "name: p\nparams:\n  l0: &l0 ha\n" + levels.joined() + last
    }

    private static let fixtures = [
        Hostile("billion laughs", laughs("stages: {}\n")),
        Hostile("billion laughs as a key", laughs("? *l9\n: 1\n")),
        Hostile(
            "billion laughs by references",
            "name: p\nparams:\n  p0: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
                + (1...12).map {
                    "  p\($0): [\((["\"${params.p\($0 - 1)}\""] * 10).joined(separator: ", "))]\n"
                }.joined() + "stages: { q: { uses: ingest.countdown } }\n"),
        Hostile(
            "text that doubles",
            "name: p\nparams:\n  p0: 0123456789\n"
                + (1...40).map { "  p\($0): \"${params.p\($0 - 1)}${params.p\($0 - 1)}\"\n" }
                .joined()
                + "stages: { q: { uses: ingest.countdown } }\n"),
        Hostile("an alias in itself", start + "params: { a: &a [*a] }\n"),
        Hostile("an alias that is no name", start + "params: { a: *! }\n"),
        Hostile("a merge key", start + "params: { a: &a 1, <<: *a }\n"),
        Hostile("lists 100,000 deep", "a: " + "[" * 100_000),
        Hostile("tables 100,000 deep", "{a: " * 100_000),
        Hostile("dashes 100,000 deep", "- " * 100_000),
        Hostile("keys 100,000 deep", "? " * 100_000),
        Hostile("lists 40 deep", "name: p\nstages: " + "[" * 40 + "]" * 40),
        Hostile("a table of keys of tables", "? " * 900 + "[" + "a," * 200_000 + "]\n"),
        Hostile(
            "500 keys repeated",
            "name: p\nparams:\n" + (0..<1_000).map { "  a\($0 / 2): 1\n" }.joined()),
        Hostile(
            "a repeated key in a long file",
            "name: p\nparams:\n" + (0..<40_000).map { "  a\($0): \($0)\n" }.joined() + "  a1: 0\n"),
        Hostile("a scalar of 900 KB", "name: " + "x" * 900_000 + ": y\n"),
        Hostile(
            "a stage name of 500 KB", "name: p\nstages:\n  " + "x" * 500_000 + ": {}\n"),
        Hostile(
            "a mistake in a line of 500 KB",
            "name: p\nstages: { q: { uses: ingest.countdown, with: { seed: \"" + "x" * 250_000
                + "\", train: -1, test: \"" + "y" * 250_000 + "\" } } }\n"),
        Hostile("NUL in a text", "name: p\u{0}\n"),
        Hostile("invalid UTF-8", bytes: { Array("name: p\nx: ".utf8) + [0xC3, 0x28] }),
        Hostile(
            "UTF-16", bytes: { [0xFF, 0xFE] + "name: p\n".utf16.flatMap { [UInt8($0), 0] } }),
        Hostile("a tab as indentation", "name: p\nstages:\n\tq: 1\n"),
        Hostile("an escape sequence in a name", "name: p\nstages:\n  \"a\\e[2Jb\": {}\n"),
        Hostile(
            "a byte of C1 in a value", "name: p\nmatrix: { \"a\\x9b\": [1] }\nstages: {}\n"),
        Hostile(
            "an escape sequence in an axis value",
            "name: p\nstages:\n  q:\n    uses: ingest.countdown\n    matrix: { a: [\"x\\e]0;y\\a\"] }\n"
        ),
        Hostile("text from right to left", start + "\u{202E}gnirtsed\u{202C}: 1\n"),
        Hostile("a character that this reader uses", start + "params: { \u{E100}: 1 }\n"),
        Hostile("a tag of another program", start + "params: { a: !include /etc/passwd }\n"),
        Hostile("a tag of Python", "!!python/object:os.system\nname: p\n"),
        Hostile("a tag of binary data", "name: !!binary aGVsbG8=\nstages: {}\n"),
        Hostile(
            "numbers out of range",
            "name: p\nstages:\n  q:\n    uses: ingest.countdown\n    with: { train: 99999999999999999999, test: 1e999, seed: -1 }\n    resources: { cpus: 9223372036854775807, memory: 99999999999999999999GB, time: 99999999999999d }\n"
        ),
        Hostile("an unclosed list", start + "params: { a: [1, 2\n"),
        Hostile("an unclosed text", start + "params: { a: \"x\n"),
        Hostile(
            "a matrix of 10^9 instances",
            "name: p\nstages:\n  q:\n    uses: ingest.countdown\n    matrix:\n"
                + ["a", "b", "c"].map { axis in
                    "      \(axis): [\((0..<1_000).map(String.init).joined(separator: ", "))]\n"
                }.joined()),
        Hostile(
            "a matrix of 10,000 values and 900 axes",
            "name: p\nstages:\n  q:\n    uses: ingest.countdown\n    matrix:\n      a: [\((0..<10_000).map(String.init).joined(separator: ", "))]\n"
                + (0..<900).map { "      x\($0): [1]\n" }.joined()),
        Hostile(
            "10,000 instances of 900 stages",
            "name: p\nmatrix: { a: [\((0..<10_000).map(String.init).joined(separator: ", "))] }\nstages:\n"
                + (0..<900).map { "  q\($0): { uses: ingest.countdown }\n" }.joined()),
        Hostile(
            "2,000 instances that read 2,000 each",
            "name: p\nstages:\n  a:\n    uses: command\n    with: { run: [a], outputs: [o] }\n    matrix: { a: [\((0..<2_000).map(String.init).joined(separator: ", "))] }\n  b:\n    uses: command\n    with: { run: [b], outputs: [o] }\n    in: { a: a }\n    matrix: { b: [\((0..<2_000).map(String.init).joined(separator: ", "))] }\n"
        ),
        Hostile(
            "20,000 stages",
            "name: p\nstages:\n" + (0..<20_000).map { "  q\($0): {uses: verify}\n" }.joined()),
        Hostile(
            "900 stages in a row backwards",
            "name: p\nstages:\n"
                + (0..<900).map {
                    "  q\($0): { uses: command, with: { run: [a], outputs: [o] }, needs: q\($0 + 1) }\n"
                }
                .joined()
                + "  q900: { uses: command, with: { run: [a], outputs: [o] }, needs: q0 }\n"),
        Hostile(
            "thousands of mistakes", "name: p\n" + (0..<30_000).map { "x\($0): 1\n" }.joined()),
        Hostile(
            "20,000 references to nothing",
            "name: p\nparams:\n" + (0..<900).map { "  p\($0): 1\n" }.joined()
                + "stages:\n  q:\n    uses: command\n    with:\n      outputs: [o]\n      run:\n"
                + "        - ${params.nothing}\n" * 20_000),
        Hostile("a million brackets", "]" * 1_000_000),
        Hostile("a million exclamation marks", "!" * 1_000_000),
        Hostile("a million ampersands", "&" * 1_000_000),
        Hostile("a million colons", ": " * 500_000),
        Hostile("a million lines", "\n" * 1_000_000 + "x"),
        Hostile("500,000 values", "a: [" + "1," * 500_000 + "]"),
        Hostile("1 MiB and a byte", "#" * (1 << 20) + "\n"),
    ]

    @Test("Every hostile file is refused with a message, within the limits", arguments: fixtures)
    private func refused(fixture: Hostile) throws {
        try victim.write(fixture.bytes(), "p.yaml")
        let result = try victim.run("vireo", ["plan", "p.yaml"])
        expect(result, 1, "pipeline: " + fixture.name)
    }

    @Test("A byte order mark, line ends of Windows and aliases within reason are read")
    func accepted() throws {
        let text = """
            \u{FEFF}name: p\r
            params: { list: &list [1, 2], again: *list, ${"text"}: x }\r
            stages:\r
              q: &q { uses: ingest.countdown }\r
              r: *q\r

            """.replacing(", ${\"text\"}: x", with: "")
        try victim.write(text.utf8, "p.yaml")
        let result = try victim.run("vireo", ["plan", "p.yaml"])
        expect(result, 0, "pipeline: accepted")
    }

    @Test("A file of a gigabyte is refused by its size, before it is read")
    func large() throws {
        let path = try victim.write([], "p.yaml")
        #expect(truncate(path, 1 << 30) == 0)
        expect(
            try victim.run("vireo", ["plan", "p.yaml"]), 1, "pipeline: gigabyte")
    }

    @Test("An endless file is refused")
    func endless() throws {
        expect(
            try victim.run("vireo", ["plan", "/dev/zero"]), 1, "endless"
        )
    }

    @Test("A directory is no pipeline file")
    func directory() throws {
        expect(
            try victim.run("vireo", ["plan", "/"]), 1, "pipeline: directory")
    }
}

extension [String] {
    static func * (texts: [String], count: Int) -> [String] {
        Array(repeatElement(texts, count: count).joined())
    }
}
