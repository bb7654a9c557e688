import Foundation
import Testing

@Suite("Resuming commands", .timeLimit(.minutes(10)))
struct CommandResumeTests {
    /// A program that counts to four and saves a checkpoint after each step. Its first attempt is killed at step 2.
    private static let script = """
        last=0
        if [ -e "$2/last" ]; then
            last=$(cat "$2/last")
            echo "{\\"resumed\\":{\\"step\\":$last}}"
        fi
        for step in 1 2 3 4; do
            [ "$step" -gt "$last" ] || continue
            echo "$step" > "$2/next"
            mv "$2/next" "$2/last"
            echo "$step" >> "$2/steps"
            echo "{\\"checkpoint\\":{\\"step\\":$step}}"
            echo "{\\"progress\\":{\\"done\\":$step,\\"total\\":4,\\"unit\\":\\"step\\"}}"
            echo "{\\"metric\\":{\\"name\\":\\"loss\\",\\"step\\":$step,\\"value\\":0.5}}"
            if [ "$last" = 0 ] && [ "$step" = 2 ]; then kill -KILL $$; fi
        done
        cp "$2/steps" "$1/steps"
        """

    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(Self.script + "\n", to: "count.sh")
    }

    private func write(retry: Int) throws {
        try tool.write(
            """
            name: counting
            stages:
              count:
                uses: command
                retry: \(retry)
                with:
                  run: [sh, count.sh, "${out.made}", "${stage.work}"]
                  outputs: [made]
                  files: [count.sh]
            """, to: "count.yaml")
    }

    private func steps() throws -> String {
        try tool.run("artifact", "cat", "count.made", "steps").output
    }

    @Test("The next run of a killed command resumes from the file that it left")
    func nextRun() throws {
        try write(retry: 0)
        let killed = try tool.run("run", "count.yaml")
        #expect(killed.status == 2)
        #expect(killed.errors.contains("the command was killed by signal 9"))
        #expect(
            try tool.run("plan", "count.yaml").output == "count  resumes after step 2\n")
        #expect(try tool.run("run", "count.yaml").status == 0)
        #expect(try steps() == "1\n2\n3\n4\n")
        let points = try tool.run("metrics", "count", "--format", "csv").output
        #expect(points.split(separator: "\n").count >= 4, "\(points)")
        // What a finished command left is removed.
        let left = try FileManager.default.subpathsOfDirectory(
            atPath: tool.directory + "/.vireo/work")
        #expect(!left.contains { $0.hasSuffix("/program") })
    }

    @Test("A retry of a killed command resumes from the file that it left")
    func retry() throws {
        try write(retry: 1)
        #expect(try tool.run("run", "count.yaml").status == 0)
        #expect(try steps() == "1\n2\n3\n4\n")
    }
}
