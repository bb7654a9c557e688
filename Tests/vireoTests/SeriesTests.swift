import Foundation
import Processes
import Testing

/// Series that programs tell, and how they are read.
@Suite("Series of commands", .timeLimit(.minutes(10)))
struct SeriesTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    private func write(_ script: String) throws {
        try tool.write(script, to: "program.sh")
        try tool.write(
            """
            name: series
            stages:
              train:
                uses: command
                with: { run: [sh, program.sh, "${out.model}"], outputs: [model] }
            """, to: "series.yaml")
    }

    private func cells(_ query: String) throws -> [String] {
        let output = try tool.run("sql", query, "--format", "csv", "--limit", "0").output
        return output.split(separator: "\n").dropFirst().map(String.init)
    }

    @Test(
        "Points, progress and checkpoints that a program prints become events; other lines go to the log"
    )
    func events() throws {
        try write(
            """
            echo starting
            echo '{"metric": {"name": "loss", "step": 1, "value": 0.5}}'
            echo '{"progress":{"done":1,"total":2,"unit":"step"}}'
            echo '{"checkpoint":{"step":1}}'
            echo '{"metric":{"name":"loss","step":2,"value":NaN}}'
            echo '{"metric":{"name":"rate","step":2,"value":1e-3}}'
            echo '{"metric":{"name":"loss"}}'
            echo done > $1/file
            """)
        #expect(try tool.run("run", "series.yaml").status == 0)
        #expect(
            try cells("SELECT name, step, value FROM metric ORDER BY 1, 2")
                == ["loss,1,0.5", "loss,2,", "rate,2,0.001"])
        #expect(try cells("SELECT checkpoint FROM execution") == ["1"])
        #expect(
            try tool.run("log", "train").output == """
                starting
                warning: a line begins as a metric but is not valid, and is logged as text: write it as \
                {"metric":{"name":"loss","step":3,"value":0.5}}
                {"metric":{"name":"loss"}}

                """)
        #expect(
            try tool.run("metrics", "train").output == """
                stage  metric  step  value
                -----  ------  ----  -----
                train  loss       1    0.5
                train  loss       2    nan
                train  rate       2  0.001

                """)
        #expect(
            try tool.run("metrics", "train", "--name", "rate", "--format", "csv").output
                == "stage,metric,step,value\ntrain,rate,2,0.001\n")
        #expect(
            try tool.run("metrics", "tarin").errors
                == "vireo: error: no run has a stage 'tarin': `vireo status` lists the stages of the latest run\n"
        )
        let runs = try tool.run("runs", "--metric", "rate", "--metric", "none", "--format", "csv")
        let lines = runs.output.split(separator: "\n")
        #expect(lines[0].hasSuffix(",failed,rate,none"))
        #expect(lines[1].hasSuffix(",0,0.001,"))
    }

    @Test("Many points arrive, each once")
    func manyPoints() throws {
        try write(
            """
            awk 'BEGIN { for (i = 1; i <= 100000; i++)
                printf "{\\"metric\\":{\\"name\\":\\"loss\\",\\"step\\":%d,\\"value\\":%.17g}}\\n", i, 1 / i }'
            echo done > $1/file
            """)
        #expect(try tool.run("run", "series.yaml").status == 0)
        #expect(
            try cells("SELECT count(*), min(step), max(step), count(DISTINCT step) FROM metric")
                == ["100000,1,100000,100000"])
        let lines = try tool.run("metrics", "train", "--format", "csv").output
            .split(separator: "\n")
        #expect(lines.count == 100_001)
        #expect(lines[3] == "train,loss,3,\(1.0 / 3)")
    }

    @Test(
        "Points that were reported before a kill are neither lost nor duplicated")
    func killed() async throws {
        try write(
            """
            if [ -e started ]; then
                for i in 1 2 3; do echo '{"metric":{"name":"loss","step":'$i',"value":2}}'; done
                echo done > $1/file
                exit
            fi
            echo > started
            i=0
            while true; do
                i=$((i+1))
                echo '{"metric":{"name":"loss","step":'$i',"value":1}}'
            done
            """)
        let directory = tool.directory
        let ending = try await tool.run(["run", directory + "/series.yaml"], sending: SIGKILL) {
            Self.pointsTold(directory) >= 2000
        }
        #expect(ending.status?.outcome == .killed(signal: SIGKILL))
        let told = Self.pointsTold(directory)
        #expect(try tool.run("run", "series.yaml").status == 0)
        let first = try cells(
            """
            SELECT count(*), count(DISTINCT step), max(step)
            FROM metric JOIN execution ON id = execution WHERE attempt = 1
            """)[0].split(separator: ",").compactMap { Int($0) }
        #expect(first[0] >= told)
        #expect(first[0] == first[1] && first[1] == first[2])
        #expect(
            try cells(
                """
                SELECT step, value FROM metric JOIN execution ON id = execution
                WHERE attempt = 2 ORDER BY step
                """) == ["1,2.0", "2,2.0", "3,2.0"])
        #expect(
            try cells("SELECT state, error FROM execution ORDER BY attempt")
                == ["failed,interrupted", "done,"])
    }

    /// The points in the log of the stage's work directory.
    private static func pointsTold(_ directory: String) -> Int {
        let work = directory + "/.vireo/work"
        let keys = (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []
        return keys.reduce(0) { count, key in
            let log = FileManager.default.contents(atPath: "\(work)/\(key)/metrics.jsonl") ?? Data()
            return count
                + log.split(separator: 10).count { $0.starts(with: Data("{\"metric".utf8)) }
        }
    }

    @Test("Queries give as many rows as asked for, in the time that is allowed")
    func limits() throws {
        try write("echo done > $1/file")
        #expect(try tool.run("run", "series.yaml").status == 0)
        let numbers =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n"
        for format in ["csv", "table"] {
            let cut = try tool.run("sql", numbers, "--limit", "3", "--format", format)
            #expect(cut.output.split(separator: "\n").last?.trimmingPrefix(" ") == "3")
            #expect(
                cut.errors
                    == "vireo: only the first 3 rows are shown: add LIMIT, narrow the query or "
                    + "raise --limit\n"
            )
        }
        let all = try tool.run("sql", numbers, "--limit", "0", "--format", "csv")
        #expect(all.output.split(separator: "\n").count == 20_001)
        #expect(all.errors == "")
        let slow = try tool.run(
            "sql", numbers.replacingOccurrences(of: "WHERE i < 20000", with: ""), "--limit", "0",
            "--timeout", "0.05", "--format", "csv")
        #expect(slow.status == 1)
        #expect(slow.errors.hasPrefix("vireo: error: the query took longer than"))
    }
}
