import Testing
import vireo

@Suite("Surroundings", .timeLimit(.minutes(10)))
struct SurroundingsTests {
    @Test(
        "Lines are redrawn on terminals alone, and coloured unless someone objects",
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

    @Test("The commit is that of the branch, loose or packed, or of the detached head")
    func revision() throws {
        let tool = try Tool()
        try tool.write("ref: refs/heads/main\n", to: ".git/HEAD")
        #expect(GitRevision.current(of: tool.directory) == nil)
        try tool.write(
            "# pack\nabc refs/heads/main\nxyz refs/heads/other\n", to: ".git/packed-refs")
        #expect(GitRevision.current(of: tool.directory + "/a/b") == "abc")
        try tool.write("def\n", to: ".git/refs/heads/main")
        #expect(GitRevision.current(of: tool.directory) == "def")
        try tool.write("123\n", to: ".git/HEAD")
        #expect(GitRevision.current(of: tool.directory) == "123")
    }

    @Test("The changes of a working tree are a digest of what is not as it was committed")
    func changes() throws {
        let tool = try Tool()
        try tool.write(".out\n", to: ".gitignore")
        try tool.write("a\n", to: "lab/a.txt")
        let environment = ["PATH": "/usr/bin:/bin", "HOME": tool.directory]
        #expect(WorkingTree(of: tool.directory, environment: environment) == nil)
        let commands = """
            git init -q . && git add -A &&
            git -c user.name=n -c user.email=e commit -q -m first || echo no git >&2
            """
        #expect(try tool.shell("cd \(tool.directory) && " + commands) == "")
        let tree = try #require(
            WorkingTree(of: tool.directory + "/lab", environment: environment))
        #expect(tree.root == tool.directory)
        #expect(tree.changes() == nil)
        try tool.write("x", to: ".out/ignored")
        try tool.write("x", to: "lab/.vireo/vireo.db")
        #expect(tree.changes() == nil)
        try tool.write("b\n", to: "lab/a.txt")
        let edited = try #require(tree.changes())
        #expect(tree.changes() == edited)
        try tool.write("new\n", to: "lab/b.txt")
        let added = try #require(tree.changes())
        try tool.write("other\n", to: "lab/b.txt")
        #expect(Set([edited, added, try #require(tree.changes())]).count == 3)
        #expect(WorkingTree(of: tool.directory, environment: [:])?.changes() == nil)
    }
}
