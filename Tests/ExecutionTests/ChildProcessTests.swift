import Foundation
import Spawn
import Testing

struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin", "GREETING": "hello"],
                errorFile: "/dev/null"))
    }

    /// All lines and the end; `onLine` is told of each as it comes.
    private func follow(
        _ child: ChildProcess, onLine: (String) -> Void = { _ in }
    ) async throws -> (lines: [String], end: Spawn.ExitStatus) {
        var lines: [String] = []
        for await event in child.events {
            switch event {
            case .line(let line):
                lines.append(line)
                onLine(line)
            case .ended(let end): return (lines, end)
            }
        }
        throw CancellationError()
    }

    @Test("Lines arrive whole and in order, the last one without an end too")
    func output() async throws {
        let (lines, end) = try await follow(try shell("echo $GREETING; echo; printf 'no end'"))
        #expect(lines == ["hello", "", "no end"])
        #expect(end.isSuccess)
    }

    @Test("A line may be longer than any buffer")
    func longLine() async throws {
        let script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end"
        let (lines, _) = try await follow(try shell(script))
        #expect(lines.map(\.utf8.count) == [3_000_000, 3])
    }

    @Test("What the child and its children used is counted")
    func usage() async throws {
        let script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"
        let (_, end) = try await follow(try shell(script))
        #expect(end.cpuSeconds > 0 && end.peakMemory > 100_000)
    }

    @Test("A child can be asked to end")
    func terminate() async throws {
        let child = try shell("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done")
        let (lines, end) = try await follow(child) { line in
            if line == "up" { child.terminate(killAfter: 60) }
        }
        #expect(lines == ["up", "bye"])
        #expect(!end.isSuccess)
    }

    @Test("A child that will not end is killed when its time is up")
    func grace() async throws {
        let child = try shell("trap '' TERM; echo up; while :; do sleep 0.01; done")
        let (_, end) = try await follow(child) { _ in child.terminate(killAfter: 0.05) }
        #expect(!end.isSuccess)
    }

    @Test("A grandchild that ignores signals and holds the pipe ends with the child")
    func grandchild() async throws {
        let script = "(trap '' TERM; while :; do sleep 0.05; done) & echo $!; exit 0"
        let (lines, end) = try await follow(try shell(script))
        #expect(lines.count == 1 && end.isSuccess)
    }

    @Test("A missing program is named")
    func missing() {
        let error = #expect(throws: SpawnError.self) {
            try ChildProcess(
                .init(
                    executable: "/nowhere/vireo", arguments: [], environment: [:],
                    errorFile: "/dev/null"))
        }
        #expect(error?.description == "cannot start /nowhere/vireo: No such file or directory")
    }
}
