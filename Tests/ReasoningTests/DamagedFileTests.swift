import Foundation
import Reasoning
import Testing

/// Compressed files of several parts, and archives that are not whole.
@Suite(.timeLimit(.minutes(10)))
struct DamagedFileTests {
    private let fixture: DataSetFixture

    init() throws { fixture = try DataSetFixture() }

    private func pack(
        _ name: String, _ file: PackedFile, _ members: [PackedFile.Member]
    ) -> String {
        file.write(members, to: fixture.directory.file(name))
        return name
    }

    /// Writes the packed lines one after another, with `change` made to them.
    private func concatenated(
        _ filter: PackedFile.Filter, _ name: String, _ texts: [String],
        _ change: (inout [Data]) -> Void = { _ in }
    ) throws -> String {
        var parts = try texts.map { text in
            let file = pack(
                "part", .init(format: .raw, filter: filter), [.init("", DataSetFixture.line(text))])
            return try Data(contentsOf: URL(filePath: fixture.directory.file(file)))
        }
        change(&parts)
        try Data(parts.joined()).write(to: URL(filePath: fixture.directory.file(name)))
        return name
    }

    @Test("Members of a gzip file follow each other, with zeros at the end")
    func gzipMembers() throws {
        let name = try concatenated(.gzip, "a.jsonl.gz", ["one", "two"]) {
            $0.append(Data(count: 700))
        }
        #expect(try fixture.texts(name) == ["one", "two"])
    }

    @Test(
        "A changed byte in any place of a gzip file is an error or leaves the questions as they are"
    )
    func damagedGZIP() throws {
        let path = try concatenated(.gzip, "a.jsonl.gz", ["one", "two"])
        let url = URL(filePath: fixture.directory.file(path))
        let whole = try Data(contentsOf: url)
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x41
            try damaged.write(to: url)
            let message = fixture.message(path)
            #expect(
                message.hasPrefix("cannot read @") || message == #"no error, but ["one", "two"]"#,
                "byte \(index): \(message)")
        }
        for count in [1, 4, 8, 30] {
            try whole.dropLast(count).write(to: url)
            #expect(
                fixture.message(path)
                    == "cannot read @: truncated gzip input: the file may be damaged or incomplete")
        }
    }

    @Test("Checksum, length and beginning of a later gzip member are compared")
    func wrongGZIPMember() throws {
        func message(_ change: (inout Data) -> Void) throws -> String {
            fixture.message(
                try concatenated(.gzip, "a.jsonl.gz", ["one", "two"]) { change(&$0[1]) })
        }
        let hint = ": the file may be damaged or incomplete"
        #expect(
            try message { $0[$0.count - 8] ^= 1 }
                == "cannot read @: damaged gzip member (incorrect data check)" + hint)
        #expect(
            try message { $0[$0.count - 4] ^= 1 }
                == "cannot read @: damaged gzip member (incorrect length check)" + hint)
        #expect(
            try message { $0[0] = 0x1E }
                == "cannot read @: damaged gzip member (incorrect header check)" + hint)
        #expect(
            try message { $0 = Data(count: 3) + $0 }
                == "cannot read @: unexpected bytes after the zeros at the end of the gzip data"
                + hint)
    }

    @Test(
        "A damaged part after the first of another compressed file is an error",
        arguments: [
            (PackedFile.Filter.bzip2, "a.jsonl.bz2"), (.xz, "a.jsonl.xz"), (.zstd, "a.jsonl.zst"),
        ])
    func damagedParts(_ filter: PackedFile.Filter, _ name: String) throws {
        #expect(
            try fixture.texts(try concatenated(filter, name, ["one", "two"])) == ["one", "two"])
        let damaged = try concatenated(filter, name, ["one", "two"]) { $0[1][0] ^= 1 }
        #expect(fixture.message(damaged).hasPrefix("cannot read @: "))
    }

    @Test("A tar archive that was cut between two members is read with a warning")
    func cutTar() throws {
        for (filter, name) in [(PackedFile.Filter.none, "a.tar"), (.gzip, "a.tar.gz")] {
            let whole = pack(
                "whole.tar", .init(format: .tar),
                ["a", "b"].map { .init("\($0).jsonl", DataSetFixture.line($0)) })
            let data = try Data(contentsOf: URL(filePath: fixture.directory.file(whole)))
            #expect(try warnings("whole.tar").isEmpty)
            let cut = String(decoding: data.prefix(1024), as: UTF8.self)
            _ = pack(name, .init(format: .raw, filter: filter), [.init("", cut)])
            let path = fixture.directory.file(name)
            #expect(try fixture.texts(name) == ["a"])
            #expect(
                try warnings(name) == [
                    "\(path) has no end mark, as tar archives have: members may be missing at its end"
                ])
        }
    }

    private func warnings(_ name: String) throws -> [String] {
        var (set, warnings) = (DataSet(), [String]())
        let file = DataSetReader.File(
            fixture.directory.file(name), position: "files[0]", isTest: false)
        try fixture.reader().read(file, into: &set, warn: { warnings.append($0) }) {}
        return warnings
    }
}
