import Testing
import vireo

@Suite("Surroundings")
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
}
