import Foundation
import Processes
import Testing

@Suite("Answer tools", .timeLimit(.minutes(10)))
struct AnswerToolTests {
    private let tool: Tool

    init() throws { tool = try Tool() }

    private let lines = """
        {"response":"So \\\\boxed{18}","gold":"9 + 9 #### 18"}

        {"gold":"18","response":"The answer is 17."}
        {"response":null,"gold":"18"}

        """
    private let verdicts = """
        {"correct":true,"reason":null,"extracted":"18"}
        {"correct":false,"reason":"'17', not '18'","extracted":"17"}
        {"correct":false,"reason":"no answer","extracted":null}

        """

    @Test("Each line is answered with its verdict, from a file or standard input")
    func verdict() throws {
        try tool.write(lines, to: "in.jsonl")
        let file = try tool.run(
            "answers", "verify", "--verifier", "numeric", "--input", "in.jsonl")
        #expect(file.output == verdicts && file.errors == "" && file.status == 0)
        let piped = try tool.run("answers", "verify", "--verifier", "numeric", input: lines)
        #expect(piped.output == verdicts && piped.errors == "" && piped.status == 0)
        let dash = try tool.run(
            "answers", "verify", "--verifier", "numeric", "--input", "-", input: lines)
        #expect(dash.output == verdicts)
    }

    @Test(
        "The flags of `boxed` change which answers are equal",
        arguments: [
            (["--tolerance", "0.0001"], "3.1416", "\\\\pi"), (["--ordered"], "10, 4", "4, 10"),
            (["--percents-as-written"], "0.5", "50\\\\%"), (["--solved"], "1<x<2", "(1,2)"),
        ])
    func flags(_ flags: [String], _ content: String, _ gold: String) throws {
        let line = "{\"response\":\"\\\\boxed{\(content)}\",\"gold\":\"\(gold)\"}\n"
        let usual = try tool.run("answers", "verify", "--verifier", "boxed", input: line)
        let other = try tool.run(
            ["answers", "verify", "--verifier", "boxed"] + flags, input: line)
        #expect(usual.output.hasPrefix("{\"correct\":\(flags.count == 1)"))
        #expect(other.output.hasPrefix("{\"correct\":\(flags.count > 1)"))
    }

    @Test("Verdicts on many lines come in their order")
    func many() throws {
        let input = (0..<1000).map { "{\"response\":\"\($0)\",\"gold\":\"\($0 / 2 * 2)\"}\n" }
            .joined()
        let result = try tool.run("answers", "verify", "--verifier", "numeric", input: input)
        let expected = (0..<1000).map {
            $0 % 2 == 0
                ? "{\"correct\":true,\"reason\":null,\"extracted\":\"\($0)\"}\n"
                : "{\"correct\":false,\"reason\":\"'\($0)', not '\($0 - 1)'\",\"extracted\":\"\($0)\"}\n"
        }.joined()
        #expect(result.output == expected)
    }

    @Test("Countdown is judged by the question")
    func countdown() throws {
        let result = try tool.run(
            "answers", "verify", "--verifier", "countdown",
            input: "{\"response\":\"4*8+7\",\"question\":\"4 8 7 : 39\"}\n")
        #expect(
            result.output == "{\"correct\":true,\"reason\":null,\"extracted\":\"4 * 8 + 7\"}\n")
    }

    @Test(
        "A bad line is named by its file and number",
        arguments: [
            ("numeric", "{\"gold\":\"1\"}", "the field 'response' is missing"),
            ("numeric", "{\"response\":\"1\"}", "the field 'gold' is missing"),
            ("numeric", "{\"response\":\"1\",\"gold\":1}", "the field 'gold' is not a text"),
            ("countdown", "{\"response\":\"1\",\"gold\":\"1\"}", "the field 'question' is missing"),
            ("exact", "[1]", "the line is not a JSON object"),
            (
                "exact", "{",
                "the line is not valid JSON: column 2: a name in quotes expected, the line ends"
            ),
        ])
    func badLine(_ verifier: String, _ line: String, _ problem: String) throws {
        try tool.write("\n\(line)\n", to: "in.jsonl")
        let file = try tool.run(
            "answers", "verify", "--verifier", verifier, "--input", "in.jsonl")
        #expect(file.errors == "vireo: error: in.jsonl:2: \(problem)\n")
        #expect(file.output == "" && file.status == 1)
        let piped = try tool.run("answers", "verify", "--verifier", verifier, input: line)
        #expect(piped.errors == "vireo: error: standard input:1: \(problem)\n")
    }

    @Test("An external program judges, and its other output goes to standard error")
    func external() throws {
        try tool.write(
            """
            echo loading >&2
            while read -r line; do
              id=${line#*:}; id=${id%%,*}
              case "$line" in *slow*) exec sleep 100 ;; esac
              echo '{"id":'$id',"correct":true,"extracted":"'$id'"}'
            done
            """, to: "judge.sh")
        let result = try tool.run(
            "answers", "verify", "--verifier", "external", "--command", "sh judge.sh", "--timeout",
            "1",
            input: """
                {"response":"a","gold":"b"}
                {"response":"slow"}

                """)
        #expect(
            result.output == """
                {"correct":true,"reason":null,"extracted":"1"}
                {"correct":false,"judged":false,"reason":"not judged: the verifier took over 1 s","extracted":null}

                """)
        #expect(result.errors.hasPrefix("loading\n") && result.status == 0)
        let broken = try tool.run(
            "answers", "verify", "--verifier", "external", "--command", "exit 7",
            input: "{\"response\":\"a\"}\n")
        #expect(
            broken.errors
                == "vireo: error: the verifier '/bin/sh -c exit 7' exited with status 7 before "
                + "it answered anything\n"
        )
        #expect(broken.output == "" && broken.status == 1)
    }

    @Test("With a fallback, the program judges only answers that the verifier cannot judge")
    func fallback() throws {
        try tool.write(
            """
            while read -r line; do
              echo "asked $line" >&2
              id=${line#*:}; id=${id%%,*}
              echo '{"id":'$id',"correct":true,"extracted":"x+1"}'
            done
            """, to: "judge.sh")
        let input = """
            {"response":"\\\\boxed{2x+1-x}","gold":"x+1"}
            {"response":"\\\\boxed{2}","gold":"3"}

            """
        let alone = try tool.run("answers", "verify", "--verifier", "boxed", input: input)
        #expect(
            alone.output == """
                {"correct":false,"judged":false,"reason":"not judged: whether '2x+1-x' equals 'x+1' needs algebra, which the verifier 'external' can have","extracted":"2x+1-x"}
                {"correct":false,"reason":"'2', not '3'","extracted":"2"}

                """)
        let result = try tool.run(
            "answers", "verify", "--verifier", "boxed", "--fallback", "external", "--command",
            "sh judge.sh", input: input)
        #expect(
            result.output == """
                {"correct":true,"reason":null,"extracted":"x+1"}
                {"correct":false,"reason":"'2', not '3'","extracted":"2"}

                """)
        // The first request is of no meaning.
        #expect(result.errors.split(separator: "\n").count == 2)
        #expect(result.errors.contains("x+1"))
    }

    @Test("An interruption ends a program that is stuck")
    func interruption() throws {
        try tool.write("{\"response\":\"a\"}\n{\"response\":\"slow\"}\n", to: "in.jsonl")
        try tool.write(
            """
            while read -r line; do
              id=${line#*:}; id=${id%%,*}
              case "$line" in *slow*) sleep 1000 & echo "stuck in $!" >&2; wait ;; esac
              echo '{"id":'$id',"correct":true}'
            done
            """, to: "judge.sh")
        let result = try tool.interrupt(
            "answers", "verify", "--verifier", "external", "--input", "in.jsonl", "--command",
            "sh judge.sh; true", "--timeout", "1000", after: "stuck in")
        #expect(result.status == 130 && result.output == "")
        let pid = try #require(result.errors.firstMatch(of: /stuck in (\d+)/)?.output.1)
        let number = try #require(Int32(pid))
        // Until it is gone; otherwise the time limit ends the test.
        while let record = ProcessTable.record(of: number), !record.isOver { usleep(1000) }
    }

    @Test(
        "Arguments that make no sense are refused",
        arguments: [
            (
                ["--verifier", "exakt"],
                "there is no verifier 'exakt': choose from exact, numeric, boxed, choice, "
                    + "countdown, modular, code, external"
            ),
            (
                ["--verifier", "external"],
                "external, as --verifier or --fallback, requires --command, and --command "
                    + "requires external"
            ),
            (
                ["--verifier", "exact", "--fallback", "external"],
                "external, as --verifier or --fallback, requires --command, and --command "
                    + "requires external"
            ),
            (
                ["--verifier", "exact", "--fallback", "boxed", "--command", "cat"],
                "--fallback can only be external"
            ),
            (
                ["--verifier", "external", "--fallback", "external", "--command", "cat"],
                "--fallback cannot be used with --verifier external"
            ),
            (
                ["--verifier", "exact", "--command", "cat"],
                "external, as --verifier or --fallback, requires --command, and --command "
                    + "requires external"
            ),
            (
                ["--verifier", "external", "--command", "cat", "--timeout", "0"],
                "--timeout must be above 0 and at most 86400"
            ),
            (
                ["--verifier", "boxed", "--tolerance", "1"],
                "--tolerance must be at least 0 and below 1"
            ),
            (
                ["--verifier", "numeric", "--ordered"],
                "--ordered, --percents-as-written and --solved require --verifier boxed"
            ),
            (
                ["--verifier", "numeric", "--tolerance", "0.1"],
                "--tolerance requires --verifier boxed or code"
            ),
            (
                ["--verifier", "exact", "--all-tests"],
                "--time-limit, --memory-limit and --all-tests require --verifier code"
            ),
            (
                ["--verifier", "code", "--time-limit", "0"],
                "--time-limit must be from 1 to 3600, and --memory-limit from 64 to 1048576"
            ),
            ([], "Missing expected argument '--verifier <name>'"),
        ])
    func arguments(_ arguments: [String], _ problem: String) throws {
        let result = try tool.run(["answers", "verify"] + arguments)
        #expect(result.errors.hasPrefix("vireo: error: \(problem)\n"))
        #expect(result.status == 64)
    }
}
