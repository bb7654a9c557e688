import CArchive
import Foundation
import Reasoning
import Testing

@Suite("Files as they are published", .timeLimit(.minutes(10)))
struct PublishedFileTests {
    private let fixture: DataSetFixture

    init() throws { fixture = try DataSetFixture() }

    private func pack(
        _ name: String, _ file: PackedFile, _ members: [PackedFile.Member]
    ) -> String {
        file.write(members, to: fixture.directory.file(name))
        return name
    }

    private func cut(_ name: String, by count: Int) throws {
        let url = URL(filePath: fixture.directory.file(name))
        try Data(contentsOf: url).dropLast(count).write(to: url)
    }

    @Test(
        "Compressed files are read as the plain ones",
        arguments: [
            (PackedFile.Filter.none, "a.jsonl"), (.gzip, "a.jsonl.gz"), (.zstd, "a.jsonl.zst"),
            (.bzip2, "a.jsonl.bz2"), (.xz, "a.jsonl.xz"), (.gzip, "a.jsonl"),
        ])
    func compressed(_ filter: PackedFile.Filter, _ name: String) throws {
        let content = (0..<1_000).map { DataSetFixture.line("question \($0)") }.joined()
        let path = pack(name, .init(format: .raw, filter: filter), [.init("", content)])
        #expect(try fixture.texts(path) == (0..<1_000).map { "question \($0)" })
    }

    @Test(
        "Members come in the order of their names, whatever the archive's, and others are left alone",
        arguments: [
            (PackedFile.Format.zip, PackedFile.Filter.none, "a.zip"), (.tar, .none, "a.tar"),
            (.tar, .gzip, "a.tar.gz"), (.tar, .zstd, "a.tar.zst"), (.tar, .xz, "a.tar.xz"),
        ])
    func ordered(_ format: PackedFile.Format, _ filter: PackedFile.Filter, _ name: String) throws {
        let path = pack(
            name, .init(format: format, filter: filter),
            [
                .init("set/b.jsonl", DataSetFixture.line("three")),
                .init("set/é.JSONL", DataSetFixture.line("four")),
                .init("README.md", "nothing to read"),
                .init("__MACOSX/set/._b.jsonl", "no JSON"), .init("set/._a.jsonl", "no JSON"),
                .init("set/a.jsonl", DataSetFixture.line("one") + DataSetFixture.line("two")),
            ])
        #expect(try fixture.texts(path) == ["one", "two", "three", "four"])
        let reader = fixture.reader(pattern: "*b.jsonl")
        #expect(try fixture.texts(path, with: reader) == ["three"])
    }

    @Test(
        "A small file that unpacks to more than a hundred times its size is refused",
        arguments: [(PackedFile.Format.raw, "a.jsonl.gz"), (.tar, "a.tar.gz")])
    func bombs(_ format: PackedFile.Format, _ name: String) throws {
        let lines = String(repeating: "\n", count: 129 << 20)
        let path = pack(
            name, .init(format: format, filter: .gzip), [.init("set/a.jsonl", lines)])
        #expect(fixture.message(path).contains("it unpacks to more than 100 times its size"))
    }

    @Test("Of a million empty lines each counts")
    func emptyLines() throws {
        let content = String(repeating: "\n", count: 1 << 20) + " \n\n" + DataSetFixture.line("x")
        let path = pack("a.jsonl", .init(format: .raw, filter: .none), [.init("", content)])
        let reader = fixture.reader(pattern: "")
        let set = try fixture.read(fixture.directory.file(path), with: reader)
        #expect(set.questions.map(\.text) == ["x"])
    }

    @Test("Members whose names fit are for tests")
    func testMembers() throws {
        let path = pack(
            "a.zip", .init(format: .zip),
            [
                .init("test/a.jsonl", DataSetFixture.line("one")),
                .init("train/a.jsonl", DataSetFixture.line("two")),
            ])
        let set = try fixture.read(
            fixture.directory.file(path), with: fixture.reader(testMembers: "test/*"))
        #expect(set.questions.map(\.split) == ["test", "train"])
    }

    @Test("Names that lead out of the archive are names and nothing more")
    func escapingNames() throws {
        let outside = fixture.directory.file("outside.jsonl")
        let path = pack(
            "a.tar", .init(format: .tar),
            [
                .init("../outside.jsonl", DataSetFixture.line("one")),
                .init(outside, DataSetFixture.line("two")),
            ])
        #expect(Set(try fixture.texts(path)) == ["one", "two"])
        #expect(!FileManager.default.fileExists(atPath: outside))
    }

    @Test(
        "Members of an encrypted zip are read with its passphrase",
        arguments: ["zipcrypt", "aes256"])
    func encrypted(encryption: String) throws {
        let path = pack(
            "a.zip", .init(format: .zip, passphrase: "open", encryption: encryption),
            [.init("a.jsonl", DataSetFixture.line("one"))])
        #expect(try fixture.texts(path, with: fixture.reader(passphrase: "open")) == ["one"])
        #expect(
            fixture.message(path)
                == "cannot read @ (a.jsonl): it is encrypted: give the `passphrase`")
        #expect(
            fixture.message(path, with: fixture.reader(passphrase: "wrong"))
                == "cannot read @ (a.jsonl): it cannot be decrypted: the passphrase is wrong, or the file is damaged"
        )
    }

    @Test("A wrong passphrase that passes the check of 8 bits in the archive is named all the same")
    func passphraseWithEqualCheck() throws {
        let archive =
            "UEsDBBQACQAIAAAAIVA7lvLfJAAAAGEAAAAHAAAAYS5qc29ubBUgX3D3yANKwb+vz2OWfE45wteiOG9ugd9HNP55"
            + "v4lj+GxbalBLBwg7lvLfJAAAAGEAAABQSwECHgMUAAkACAAAACFQO5by3yQAAABhAAAABwAAAAAAAAABAAAApIEA"
            + "AAAAYS5qc29ubFBLBQYAAAAAAQABADUAAABZAAAAAAA="
        let data = try #require(Data(base64Encoded: archive))
        try data.write(to: URL(filePath: fixture.directory.file("a.zip")))
        #expect(try fixture.texts("a.zip", with: fixture.reader(passphrase: "open")).count == 1)
        for passphrase in ["wrong", "wrong56", "wrong105", "wrong305"] {
            #expect(
                fixture.message("a.zip", with: fixture.reader(passphrase: passphrase))
                    == "cannot read @ (a.jsonl): it cannot be decrypted: the passphrase is wrong, or the file is damaged"
            )
        }
    }

    @Test("An archive without a member to read says what it has")
    func noMember() throws {
        let members = "gfedcba".map { PackedFile.Member("\($0).txt", "") }
        let path = pack("a.tar", .init(format: .tar), members)
        #expect(
            fixture.message(path)
                == "cannot read @: none of its members ends in .jsonl: it has a.txt, b.txt, c.txt, d.txt, e.txt and 2 more"
        )
        #expect(
            fixture.message(path, with: fixture.reader(pattern: "x*"))
                == "cannot read @: none of its members fits 'x*': it has a.txt, b.txt, c.txt, d.txt, e.txt and 2 more"
        )
    }

    @Test("Members that are no files, or stand twice, are refused")
    func links() throws {
        let file = PackedFile.Member("a.jsonl", DataSetFixture.line("one"))
        let link = PackedFile.Member(name: "b.jsonl", content: "", link: "a.jsonl")
        let linked = pack("a.tar", .init(format: .tar), [file, link])
        #expect(
            fixture.message(linked)
                == "cannot read @ (b.jsonl): it is a link or a device, not a file"
        )
        let twice = pack("b.tar", .init(format: .tar), [file, file])
        #expect(
            fixture.message(twice) == "cannot read @ (a.jsonl): it occurs twice in the archive")
    }

    @Test("A truncated archive is refused, and the error names the file and the member")
    func truncated() throws {
        // What does not shrink, so that much is missing.
        var random = RandomSource(seed: 1)
        let text = (0..<20_000).map { _ in String(random.next(), radix: 36) }.joined()
        let member = PackedFile.Member("a.jsonl", DataSetFixture.line(text))
        let zip = pack("a.zip", .init(format: .zip), [member])
        try cut(zip, by: 100_000)
        let hint = ": the file may be damaged or incomplete"
        #expect(
            fixture.message(zip) == "cannot read @ (a.jsonl): ZIP decompression failed (-5)" + hint)
        let tar = pack("a.tar", .init(format: .tar), [member])
        try cut(tar, by: 100_000)
        #expect(fixture.message(tar) == "cannot read @ (a.jsonl): Truncated tar archive" + hint)
        let gzip = pack("a.jsonl.gz", .init(format: .raw, filter: .gzip), [member])
        try cut(gzip, by: 100_000)
        #expect(fixture.message(gzip) == "cannot read @: truncated gzip input" + hint)
    }

    @Test(
        "A changed byte in any place of a zip archive is an error or leaves the questions as they are"
    )
    func damaged() throws {
        let path = pack(
            "a.zip", .init(format: .zip), [.init("a.jsonl", DataSetFixture.line("one"))])
        let url = URL(filePath: fixture.directory.file(path))
        let whole = try Data(contentsOf: url)
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x41
            try damaged.write(to: url)
            let message = fixture.message(path)
            #expect(
                message.hasPrefix("cannot read @") || message == "no error, but [\"one\"]",
                "byte \(index): \(message)")
        }
    }

    @Test(
        "A file that is not what its name says is refused",
        arguments: [DataSetFixture.line("one"), ""])
    func misnamed(_ content: String) throws {
        for name in ["a.zip", "a.tar.gz", "a.TGZ"] {
            _ = try fixture.directory.write(content, to: name)
            #expect(
                fixture.message(name)
                    == "cannot read @: it is not an archive, although its name is that of one")
        }
        for name in ["a.jsonl.zst", "a.jsonl.gz"] {
            _ = try fixture.directory.write(content, to: name)
            #expect(
                fixture.message(name)
                    == "cannot read @: it is not compressed, although its name is that of a compressed file"
            )
        }
    }

    @Test("A line that unpacks to more than 64 MiB is refused")
    func bomb() throws {
        let content = String(repeating: " ", count: 129 << 20)
        let path = pack("a.jsonl.gz", .init(format: .raw, filter: .gzip), [.init("", content)])
        #expect(fixture.message(path) == "@:1: the line is longer than 64 MiB")
        let reader = fixture.reader(.document(list: ""))
        #expect(
            fixture.message(path, with: reader)
                == "cannot read @: it is larger than 64 MiB: write its records as JSON lines")
        let table = fixture.reader(.table)
        #expect(fixture.message(path, with: table) == "@:1: the line is longer than 64 MiB")
    }

    @Test("A plain file may be empty, and a path that is not a file cannot be read")
    func emptyAndMissing() throws {
        _ = try fixture.directory.write("", to: "a.jsonl")
        #expect(try fixture.texts("a.jsonl") == [])
        let nothing = pack("b.jsonl.gz", .init(format: .raw, filter: .gzip), [.init("", "")])
        #expect(try fixture.texts(nothing) == [])
        #expect(fixture.message("b") == "cannot read @: there is no such file")
        #expect(
            fixture.message("") == "cannot read @: it is a directory")
    }

    @Test("A Parquet file says how to convert it")
    func parquet() throws {
        _ = try fixture.directory.write("PAR1\u{15}\u{4}", to: "a.parquet")
        for format in [RecordFormat.lines, .document(list: ""), .table] {
            #expect(
                fixture.message("a.parquet", with: fixture.reader(format))
                    == "@ is a Parquet file, which cannot be read: convert it to JSON lines, for example with duckdb -c \"COPY (FROM 'in.parquet') TO 'out.jsonl' (FORMAT json)\""
            )
        }
    }
}
