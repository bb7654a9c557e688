import Foundation
import Testing

import vireo

@Suite("The environment of a run", .timeLimit(.minutes(10)))
struct SurroundingsTests {
    @Test(
        "Lines are redrawn only on terminals, and coloured unless colours are turned off",
        arguments: [
            (true, [:], true, true),
            (false, [:], false, false),
            (true, ["TERM": "dumb"], false, false),
            (true, ["CI": "true"], false, false),
            (true, ["NO_COLOR": "1"], true, false),
            (true, ["NO_COLOR": "", "TERM": "xterm"], true, true),
        ] as [(Bool, [String: String], Bool, Bool)])
    func terminal(
        isTerminal: Bool, environment: [String: String], isInteractive: Bool, isColored: Bool
    ) {
        let terminal = Terminal(isTerminal: isTerminal, environment: environment)
        #expect(terminal.isInteractive == isInteractive)
        #expect(terminal.style.isColored == isColored)
    }

    private static let first = String(repeating: "a1", count: 20)
    private static let second = String(repeating: "b2", count: 32)

    private func commit(_ tool: Tool, _ directory: String = "") -> String? {
        GitRepository(of: tool.directory + directory)?.commit
    }

    @Test("The commit is that of the branch, loose or packed, or of the detached head")
    func revision() throws {
        let tool = try Tool()
        try tool.write("ref: refs/heads/main\n", to: ".git/HEAD")
        #expect(commit(tool) == nil)
        try tool.write(
            "# pack\n\(Self.first) refs/heads/main\nxyz refs/heads/other\n", to: ".git/packed-refs")
        #expect(commit(tool, "/a/b") == Self.first)
        try tool.write("\(Self.second)\n", to: ".git/refs/heads/main")
        #expect(commit(tool) == Self.second)
        try tool.write("\(Self.first)\n", to: ".git/HEAD")
        #expect(commit(tool) == Self.first)
        try tool.write("ref: refs/heads/alias\n", to: ".git/HEAD")
        try tool.write("ref: refs/heads/main\n", to: ".git/refs/heads/alias")
        #expect(commit(tool) == Self.second)
    }

    @Test(
        "A head that does not lead to a commit is unknown",
        arguments: [
            "ref: ../../secret", "ref: refs/../../../secret", "ref: refs/heads/../../../secret",
            "ref: refs//heads/main", "ref: HEAD", "ref: refs/heads/linked", "PRIVATE KEY", "",
            "ref: refs/heads/.invalid", "ref: refs/heads/text", "ref: refs/linked/secret",
            "ref: refs/heads/self",
        ])
    func badHead(head: String) throws {
        let tool = try Tool()
        try tool.write(Self.first, to: "secret")
        try tool.write(head + "\n", to: "lab/.git/HEAD")
        try tool.write("PRIVATE KEY\n", to: "lab/.git/refs/heads/text")
        try tool.write("ref: refs/heads/self\n", to: "lab/.git/refs/heads/self")
        let refs = tool.directory + "/lab/.git/refs"
        try FileManager.default.createSymbolicLink(
            atPath: refs + "/heads/linked", withDestinationPath: tool.directory + "/secret")
        try FileManager.default.createSymbolicLink(
            atPath: refs + "/linked", withDestinationPath: tool.directory)
        let repository = try #require(GitRepository(of: tool.directory + "/lab"))
        #expect(repository.commit == nil)
    }

    @Test("A head without end is not read")
    func endlessHead() throws {
        let tool = try Tool()
        try tool.write("", to: ".git/config")
        try FileManager.default.createSymbolicLink(
            atPath: tool.directory + "/.git/HEAD", withDestinationPath: "/dev/zero")
        let repository = try #require(GitRepository(of: tool.directory))
        #expect(repository.commit == nil)
    }

    @Test("A linked working tree and a submodule have commits of their own")
    func linked() throws {
        let tool = try Tool()
        try tool.write("ref: refs/heads/main\n", to: ".git/HEAD")
        try tool.write(Self.first, to: ".git/refs/heads/main")
        try tool.write(Self.second, to: ".git/refs/heads/side")
        try tool.write("ref: refs/heads/side\n", to: ".git/worktrees/side/HEAD")
        try tool.write("../..\n", to: ".git/worktrees/side/commondir")
        try tool.write("gitdir: \(tool.directory)/.git/worktrees/side\n", to: "side/.git")
        #expect(commit(tool, "/side") == Self.second)
        try tool.write(Self.second, to: ".git/modules/part/HEAD")
        try tool.write("gitdir: ../.git/modules/part\n", to: "part/.git")
        #expect(commit(tool, "/part/below") == Self.second)
        try tool.write("gitdir: ../nowhere\n", to: "broken/.git")
        let broken = try #require(GitRepository(of: tool.directory + "/broken"))
        #expect(broken.root == tool.directory + "/broken")
        #expect(broken.commit == nil)
    }

    private func makeRepository(_ tool: Tool, in directory: String = "") throws -> WorkingTree {
        let commands = """
            git init -q . && git add -A 2>/dev/null &&
            git -c user.name=n -c user.email=e commit -q -m first || echo no git >&2
            """
        let root = tool.directory + directory
        #expect(try tool.shell("cd \(root) && " + commands) == "")
        let environment = ["PATH": "/usr/bin:/bin", "HOME": tool.directory]
        return WorkingTree(root: root, environment: environment)
    }

    @Test("The changes of a working tree are a digest of everything that differs from the commit")
    func changes() throws {
        let tool = try Tool()
        try tool.write(".out\n", to: ".gitignore")
        try tool.write("a\n", to: "lab/a.txt")
        #expect(GitRepository(of: tool.directory) == nil)
        let tree = try makeRepository(tool)
        #expect(GitRepository(of: tool.directory + "/lab")?.root == tool.directory)
        #expect(tree.changes() == .none)
        try tool.write("x", to: ".out/ignored")
        try tool.write("x", to: "lab/.vireo/vireo.db")
        #expect(tree.changes() == .none)
        try tool.write("b\n", to: "lab/a.txt")
        let edited = tree.changes()
        #expect(tree.changes() == edited)
        try tool.write("new\n", to: "lab/b.txt")
        let added = tree.changes()
        try tool.write("other\n", to: "lab/b.txt")
        #expect(Set([.none, .unknown, edited, added, tree.changes()]).count == 5)
    }

    @Test("Where git cannot answer, changes are unknown: without git, and before the first commit")
    func unknownChanges() throws {
        let tool = try Tool()
        let tree = try makeRepository(tool)
        #expect(WorkingTree(root: tree.root, environment: [:]).changes() == .unknown)
        let empty = try Tool()
        #expect(try empty.shell("cd \(empty.directory) && git init -q .") == "")
        #expect(
            WorkingTree(root: empty.directory, environment: tree.environment).changes() == .unknown)
    }

    @Test("No program that a repository's settings name is run to look at it")
    func strangersSettings() throws {
        let tool = try Tool()
        try tool.write("*.bin filter=x diff=x\n*.dat filter=y\n", to: ".gitattributes")
        try tool.write("1", to: "a.bin")
        try tool.write("1", to: "a.dat")
        let tree = try makeRepository(tool)
        let marks = tool.directory + "/../\(UUID().uuidString)"
        let settings = [
            "core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.y.process",
            "diff.external", "diff.x.command", "diff.x.textconv", "core.pager", "core.editor",
        ]
        var lines = ["filter.x.required true", "core.hooksPath \(tool.directory)/hooks"]
        lines += settings.map { "\($0) 'touch \(marks); cat'" }
        for line in lines {
            #expect(try tool.shell("cd \(tool.directory) && git config \(line)") == "")
        }
        try tool.write("22", to: "a.bin")
        try tool.write("22", to: "a.dat")
        guard case .some = tree.changes() else {
            Issue.record("\(tree.changes())")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: marks))
    }

    @Test("Changes within a submodule are changes")
    func submodules() throws {
        let tool = try Tool()
        try tool.write("1", to: "part/a")
        _ = try makeRepository(tool, in: "/part")
        let tree = try makeRepository(tool)
        #expect(tree.changes() == .none)
        try tool.write("2", to: "part/a")
        guard case .some = tree.changes() else {
            Issue.record("\(tree.changes())")
            return
        }
    }
}
