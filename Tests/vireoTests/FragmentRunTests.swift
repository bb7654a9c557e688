import Foundation
import Testing

/// Runs of pipelines that use fragments and have targets.
@Suite("Fragments and targets", .timeLimit(.minutes(10)))
struct FragmentRunTests {
    private let tool: Tool

    private static let pipeline = """
        name: greet
        targets: { greetings: hello }
        stages:
          other:
            uses: command
            with: { run: [touch, "${out.o}/a"], outputs: [o] }
          hello:
            uses: ./parts/say.yaml
            with: { word: hello }
          both:
            uses: command
            in: { text: hello }
            with: { run: [cp, "${in.text}/text", "${out.o}/a"], outputs: [o] }
        """

    private static let fragment = """
        params: { word: }
        outputs: { text: said.text }
        stages:
          said:
            uses: command
            with: { run: [sh, -c, "echo ${params.word} > ${out.text}/text"], outputs: [text] }
        """

    init() throws {
        tool = try Tool()
        try tool.write(Self.pipeline, to: "greet.yaml")
        try tool.write(Self.fragment, to: "parts/say.yaml")
        // Files younger than the clock's step are not trusted.
        usleep(50_000)
    }

    @Test("A target runs its stages and no others, under the names that plan, show and log know")
    func target() throws {
        let run = try tool.run("run", "greet.yaml", "greetings")
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try tool.run("plan", "greet.yaml").output
                == "other       runs because it has never run\nhello/said  cached\nboth        runs because it has never run\n"
        )
        #expect(try tool.run("plan", "greet.yaml", "hello/said").output == "hello/said  cached\n")
        #expect(try tool.run("plan", "greet.yaml", "hello").output == "hello/said  cached\n")
        #expect(try tool.run("log", "hello/said").status == 0)
        #expect(try tool.run("show", "hello/said").output.contains("hello/said"))
        #expect(try tool.run("artifact", "cat", "hello/said", "text").output == "hello\n")
        let wrong = try tool.run("run", "greet.yaml", "greeting")
        #expect(wrong.status != 0)
        #expect(wrong.errors.contains("did you mean 'greetings'?"))
    }

    @Test("Without a target the one that is called default runs, if there is one")
    func byDefault() throws {
        try tool.write(
            Self.pipeline.replacingOccurrences(of: "greetings:", with: "default:"), to: "greet.yaml"
        )
        #expect(
            try tool.run("plan", "greet.yaml").output
                == "hello/said  runs because it has never run\n"
        )
        #expect(
            try tool.run("plan", "greet.yaml", "other").output
                == "other  runs because it has never run\n")
    }

    @Test("A changed fragment is noticed, and its text is recorded with the run")
    func change() throws {
        #expect(try tool.run("run", "greet.yaml").status == 0)
        #expect(
            try tool.run("run", "greet.yaml").output.contains("Everything was cached: 3 stages"))
        try tool.write(
            Self.fragment.replacingOccurrences(of: "echo", with: "echo now"), to: "parts/say.yaml")
        let changed = try tool.run("run", "greet.yaml")
        #expect(changed.output.contains("2 ran, 1 cached"), "\(changed.output)")
        let sources = try tool.run("sql", "SELECT source FROM run ORDER BY id", "--format", "csv")
        #expect(
            sources.output.contains("--- # parts/say.yaml") && sources.output.contains("echo now"))
    }

    @Test("A missing fragment is a mistake of the pipeline file, and nothing is made")
    func missing() throws {
        try FileManager.default.removeItem(atPath: tool.directory + "/parts/say.yaml")
        let run = try tool.run("run", "greet.yaml")
        #expect(run.status == 1)
        #expect(
            run.errors == """
                greet.yaml:8:11: error: the fragment `./parts/say.yaml` cannot be read: there is no such file
                      uses: ./parts/say.yaml
                            ^
                  the path is relative to the file that contains `uses`

                """)
        #expect(!FileManager.default.fileExists(atPath: tool.directory + "/.vireo"))
    }
}
