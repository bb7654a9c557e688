import Foundation
import Testing

/// Where commands put files, and who may read them.
@Suite("The place of a store", .timeLimit(.minutes(10)))
struct StorePlaceTests {
    private let victim: Victim

    init() throws {
        victim = try Victim()
        try victim.write(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { train: 3, demonstrations: 2, test: 4 }

            """.utf8, "p.yaml")
    }

    private func run(_ arguments: String..., setUp: String) throws {
        let result = try victim.run(
            "vireo", arguments + ["--store", "store"], limits: ":", setUp: setUp)
        try #require(result.status == 0, "\(result.output)")
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: victim.path("store" + path))
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test("The umask decides whether a group may write to a store")
    func umask() throws {
        try run("run", "p.yaml", setUp: "umask 002")
        for path in ["", "/objects", "/work", "/cache"] { #expect(try mode(path) == 0o775) }
        for path in ["/vireo.db", "/write.lock"] { #expect(try mode(path) == 0o664) }
    }

    @Test(
        "Archive contents are copied within the store, not to a directory shared with other users")
    func copies() throws {
        try run("run", "p.yaml", setUp: ":")
        try run("verify", setUp: "export TMPDIR=/nonexistent")
        try run(
            "artifact", "cat", "q.train", "questions.jsonl",
            setUp: "export TMPDIR=/nonexistent")
        let left = try FileManager.default.contentsOfDirectory(atPath: victim.path("store/cache"))
        #expect(left.filter { $0.hasPrefix(".") } == [])
    }
}
