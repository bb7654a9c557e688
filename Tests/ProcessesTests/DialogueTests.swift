import Foundation
import Processes
import Testing

@Suite("Dialogues", .timeLimit(.minutes(10)))
struct DialogueTests {
    private func started(_ script: String) throws -> LineProcess {
        try LineProcess(
            executable: "/bin/sh", arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"])
    }

    private struct Heard {
        var answers: [String] = []
        var remarks: [String] = []
        var isOver = false
    }

    /// All that is heard until `isEnough`, or the end.
    private func heard(
        _ dialogue: LineProcess, until isEnough: (Heard) -> Bool = { _ in false }
    ) -> Heard {
        var all = Heard()
        while !all.isOver, !isEnough(all) {
            let heard = dialogue.listen(milliseconds: 1000)
            all.answers += heard.answers
            all.remarks += heard.remarks
            all.isOver = heard.isOver
        }
        return all
    }

    @Test("Every line sent to a program is answered by one line")
    func answers() throws {
        let dialogue = try started("while read -r line; do echo \"<$line>\"; done")
        dialogue.say("a")
        #expect(heard(dialogue) { $0.answers.count == 1 }.answers == ["<a>"])
        dialogue.say("b")
        dialogue.say("c")
        #expect(heard(dialogue) { $0.answers.count == 2 }.answers == ["<b>", "<c>"])
        #expect(dialogue.end(within: 10_000)?.outcome == .exited(0))
    }

    @Test(
        "Lines on standard error are kept apart from answers, and reading ends when the program exits"
    )
    func end() throws {
        let dialogue = try started("echo wrong >&2; printf last; exit 3")
        let all = heard(dialogue)
        #expect(all.answers == ["last"] && all.remarks == ["wrong"] && all.isOver)
        #expect(dialogue.end(within: 10_000)?.outcome == .exited(3))
    }

    @Test("More than pipes hold goes both ways without a deadlock")
    func volume() throws {
        let dialogue = try started("exec cat")
        let line = String(repeating: "x", count: 1 << 20)
        for _ in 0..<8 { dialogue.say(line) }
        let all = heard(dialogue) { $0.answers.count == 8 }
        #expect(all.answers.allSatisfy { $0.utf8.count == line.utf8.count })
        _ = dialogue.end(within: 10_000)
    }

    @Test("A program that does not read its input blocks nothing and is killed")
    func deaf() throws {
        let dialogue = try started("exec sleep 1000")
        dialogue.say(String(repeating: "x", count: 4 << 20))
        let heard = dialogue.listen(milliseconds: 10)
        #expect(heard.answers.isEmpty && !heard.isOver)
        #expect(dialogue.end(within: 0)?.outcome == .killed(signal: SIGKILL))
    }

    @Test("A line sent to a program that has exited is lost, and the exit is reported")
    func late() throws {
        let dialogue = try started("exit 0")
        for _ in 0..<100 { dialogue.say(String(repeating: "x", count: 1 << 16)) }
        #expect(heard(dialogue).isOver)
    }

    @Test("A process that outlives the program and holds its output open does not hide its exit")
    func heldOutput() throws {
        let dialogue = try started("setsid sleep 1000 & echo $!; exit 0")
        let all = heard(dialogue)
        #expect(all.isOver)
        if let pid = all.answers.first.flatMap({ Int32($0) }) { kill(pid, SIGKILL) }
    }
}
