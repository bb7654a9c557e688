import Foundation
import FuzzSubjects
import Testing

/// Archives put in the place of one that holds `a.txt` with `hello` and `deep/b.txt` with `world`.
@Suite("Hostile archives", .timeLimit(.minutes(10)))
struct HostileArchiveTests {
    private let victim: Victim

    init() throws { victim = try Victim() }

    private static let hello = Array("hello".utf8)
    private static let world = Array("world".utf8)

    /// The right files, with something more.
    private static func tar(_ change: (inout Tar) -> Void) -> [UInt8] {
        var tar = Tar()
        change(&tar)
        tar.add("a.txt", hello)
        tar.add("deep/b.txt", world)
        return tar.ended
    }

    private static let fixtures = [
        Hostile("above", bytes: { tar { $0.add("../evil", hello) } }),
        Hostile("above, in the middle", bytes: { tar { $0.add("deep/../../evil", hello) } }),
        Hostile("absolute", bytes: { tar { $0.add("/tmp/vireo-evil", hello) } }),
        Hostile("a link", bytes: { tar { $0.add("deep", type: "2", link: "/tmp") } }),
        Hostile(
            "a link in a file's place",
            bytes: { tar { $0.add("a.txt", type: "2", link: "/etc/passwd") } }),
        Hostile(
            "a second name", bytes: { tar { $0.add("a.txt", type: "1", link: "/etc/passwd") } }),
        Hostile("a device", bytes: { tar { $0.add("zero", type: "3") } }),
        Hostile("a block device", bytes: { tar { $0.add("disk", type: "4") } }),
        Hostile("a pipe", bytes: { tar { $0.add("pipe", type: "6") } }),
        Hostile("a name twice", bytes: { tar { $0.add("a.txt", hello) } }),
        Hostile(
            "a file that does not belong to it", bytes: { tar { $0.add("c.txt", hello) } }),
        Hostile(
            "a directory that does not belong to it", bytes: { tar { $0.add("more/", type: "5") } }),
        Hostile(
            "a directory twice",
            bytes: {
                tar {
                    $0.add("deep/", type: "5"); $0.add("deep/", type: "5")
                }
            }),
        Hostile(
            "a directory in a file's place", bytes: { tar { $0.add("a.txt/", type: "5") } }),
        Hostile(
            "a name of 64 KiB",
            bytes: {
                tar {
                    $0.attributes([("path", "n" * 65_536)]); $0.add("x", hello)
                }
            }),
        Hostile(
            "a name of 64 KiB, by GNU's way",
            bytes: {
                tar {
                    $0.add("././@LongLink", Array(("n" * 65_536 + "\u{0}").utf8), type: "L");
                    $0.add("x", hello)
                }
            }),
        Hostile(
            "attributes of 2 MiB",
            bytes: {
                tar {
                    $0.attributes([("comment", "n" * (2 << 20))]); $0.add("x", hello)
                }
            }),
        Hostile(
            "a name of attributes that leads above",
            bytes: {
                tar {
                    $0.attributes([("path", "../evil")]); $0.add("x", hello)
                }
            }),
        Hostile(
            "a link of attributes",
            bytes: {
                tar {
                    $0.attributes([("linkpath", "/etc/passwd")]); $0.add("x", type: "2")
                }
            }),
        Hostile(
            "a size of attributes",
            bytes: {
                tar {
                    $0.attributes([("size", "99999999999999")]); $0.add("a.txt", hello)
                }
            }),
        Hostile(
            "a negative size",
            bytes: {
                tar {
                    $0.attributes([("size", "-1")]); $0.add("a.txt", hello)
                }
            }),
        Hostile(
            "holes of attributes",
            bytes: {
                tar {
                    $0.attributes([
                        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"),
                        ("GNU.sparse.name", "a.txt"),
                        ("GNU.sparse.realsize", "9223372036854775807"),
                    ])
                    $0.add(
                        "GNUSparseFile.0/a.txt",
                        Array("1\n9223372036854775802\n5\n".utf8)
                            + [UInt8](repeating: 0, count: 487) + hello)
                }
            }),
        Hostile(
            "an attribute without an end",
            bytes: {
                tar {
                    $0.add("x", Array("99 path=a".utf8), type: "x"); $0.add("a.txt", hello)
                }
            }),
        Hostile(
            "a header that says more than there is",
            bytes: {
                var tar = Tar()
                tar.add("a.txt", hello, size: 1 << 30)
                return tar.bytes
            }),
        Hostile(
            "a file longer than published",
            bytes: {
                var tar = Tar()
                tar.add("a.txt", [UInt8](repeating: 0, count: 1 << 20))
                return tar.ended
            }),
        Hostile(
            "a file shorter than published",
            bytes: {
                var tar = Tar()
                tar.add("a.txt", Array("hell".utf8))
                return tar.ended
            }),
        Hostile(
            "other contents",
            bytes: {
                var tar = Tar()
                tar.add("a.txt", Array("hallo".utf8))
                return tar.ended
            }),
        Hostile(
            "one file alone",
            bytes: {
                var tar = Tar()
                tar.add("a.txt", hello)
                return tar.ended
            }),
        Hostile("cut off in a file", bytes: { Array(tar { _ in }.prefix(515)) }),
        Hostile("cut off in a header", bytes: { Array(tar { _ in }.prefix(1_300)) }),
        Hostile("an escape sequence in a name", bytes: { tar { $0.add("\u{1B}[2J", hello) } }),
        Hostile("no archive", bytes: { Array("hello".utf8) }),
        Hostile("empty", bytes: { [] }),
        Hostile("zeros", bytes: { [UInt8](repeating: 0, count: 1 << 20) }),
    ]

    /// Without what differs from store to store.
    private func examine(_ file: String) throws -> Victim.Result {
        let result = try victim.examine(file, as: .archive)
        return .init(
            status: result.status,
            output: result.output.replacing(#/^artifact \w+ is damaged: /#, with: "")
                .replacing(
                    #/; delete \S+ and run again: the stage that made it will run again$/#, with: ""
                ))
    }

    @Test("Every one is refused, writes nothing elsewhere and leaves nothing", arguments: fixtures)
    private func refused(fixture: Hostile) throws {
        let file = try victim.write(fixture.bytes(), "archive")
        expect(
            try examine(file), 1,
            "archive: " + fixture.name)
    }

    @Test("Bytes after the end of an archive are ignored", arguments: [1, 512, 1 << 20])
    func behind(count: Int) throws {
        let bytes = Self.tar { _ in } + [UInt8](repeating: 0xFF, count: count)
        #expect(
            try examine(try victim.write(bytes, "archive"))
                == .init(status: 0, output: "3 names"))
    }

    @Test("A bomb of ten gigabytes ends at the first byte too many")
    func ratio() throws {
        var tar = Tar()
        tar.add("a.txt", size: 8_000_000_000)
        let file = victim.path("archive")
        var head = tar.bytes
        head += [UInt8](repeating: 0, count: (1 << 20) - head.count)
        // Headers repeat too, but are never reached.
        try Tar.compressed(head, times: 200, to: file)
        expect(try examine(file), 1, "archive: ratio")
    }

    @Test("A bomb of a million entries ends at the first that repeats")
    func entries() throws {
        var tar = Tar()
        for _ in 0..<256 { tar.add("deep/", type: "5") }
        let file = victim.path("archive")
        try Tar.compressed(tar.bytes, times: 4_000, to: file)
        expect(try examine(file), 1, "archive: entries")
    }

    @Test("A stream that is cut off anywhere is refused", arguments: [4, 9, 20, 40])
    func truncated(count: Int) throws {
        let file = victim.path("archive")
        try Tar.compressed(Self.tar { _ in }, to: file)
        #expect(truncate(file, count) == 0)
        expect(try examine(file), 1, "archive: cut \(count)")
    }
}
