import Foundation
import GRDB
import Testing

/// A run whose only stage has the figures of a study.
@Suite("Reports of studies", .timeLimit(.minutes(10)))
struct StudyReportTests {
    private let tool: Tool

    init() throws {
        tool = try Tool()
        try tool.write(
            """
            name: study
            stages:
              figures:
                uses: command
                with: { run: [touch, "${out.made}/x"], outputs: [made] }
            """, to: "study.yaml")
        #expect(try tool.run("run", "study.yaml").status == 0)
        let queue = try DatabaseQueue(path: tool.directory + "/.vireo/vireo.db")
        try queue.write {
            try $0.execute(
                sql: """
                    INSERT INTO arm
                        (execution, output, label, measure, value, low, high, questions, replicates)
                    VALUES (1, 'made', 'final <1>', 'avg@4', 0.5, 0.25, 0.75, 9, 3);
                    INSERT INTO claim
                        (execution, output, position, id, claim, measured, value, low, high, unit,
                        yardstick, questions, replicates, finding)
                    VALUES
                        (1, 'made', 0, 'T1', 'It grows.', 'The end.', 2, 1, 3, 'nats', 'Mean.', 9, 3,
                        'holds');
                    INSERT INTO bound VALUES (1, 'made', 2, NULL, -3, -4, -2, 9);
                    """)
        }
        try queue.close()
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: tool.directory).sorted() }
    }

    @Test("Arms and claims stand in the report, in words and for programs")
    func words() throws {
        let report = try tool.run("report")
        #expect(
            report.output.contains(
                """
                Accuracy in %: avg@4 on 9 questions, mean over replicates ± 95% interval over them
                arm        replicates  all
                ---------  ----------  ----------
                final <1>           3  50.0 ±25.0

                """))
        #expect(
            report.output.contains(
                "T1  It grows.  The end.  2.0 ±1.0 nats  9      3  holds\n"))
        let json = try JSONSerialization.jsonObject(
            with: Data(try tool.run("report", "--json").output.utf8))
        let figures = try #require(json as? [String: Any])
        let arms = try #require(figures["arms"] as? [[String: Any]])
        #expect(arms.map { $0["value"] as? Double } == [0.5])
        #expect(
            arms[0].keys.sorted() == [
                "high", "label", "level", "low", "measure", "questions", "replicates", "stage",
                "value",
            ])
        let claims = try #require(figures["claims"] as? [[String: Any]])
        #expect(claims.map { $0["finding"] as? String } == ["holds"])
    }

    @Test("A page has the sections of the run, and is written over the last one")
    func page() throws {
        let before = try names
        let result = try tool.run("report", "1", "--html", "page.html")
        #expect(result.status == 0 && result.output.isEmpty && result.errors.isEmpty)
        let page = try tool.read("page.html")
        #expect(page.hasPrefix("<!DOCTYPE html>\n"))
        #expect(page.contains("<td class=\"short\">final &lt;1&gt;</td>"))
        #expect(page.contains("<h1>Run 1 of study</h1>"))
        #expect(
            page.matches(of: /<h2>([^<]*)<\/h2>/).map { String($0.1) } == [
                "Claims: measurements with 95% intervals, and findings",
                "Accuracy in %: avg@4 on 9 questions, mean over replicates ± 95% interval over them",
                "Accuracy by level and arm",
                "Multi-trace bound L^K in nats, ± 95% interval over questions",
                "The multi-trace bound",
            ])
        try tool.write("old", to: "page.html")
        _ = try tool.run("report", "--html", "page.html")
        #expect(try tool.read("page.html") == page)
        #expect(
            try names.filter { !$0.hasPrefix(".") }
                == (before + ["page.html"]).filter { !$0.hasPrefix(".") }.sorted())
    }

    @Test("The queries of a page have answers")
    func queries() throws {
        _ = try tool.run("report", "--html", "page.html")
        let queries = try tool.read("page.html").matches(of: /<pre>([^<]*)<\/pre>/).map {
            String($0.1).replacing("&gt;", with: ">")
        }
        #expect(queries.count == 5)
        for query in queries {
            // A line of names, and one at least of values.
            let lines = try tool.run("sql", query, "--format", "csv").output.split(separator: "\n")
            #expect(lines.count >= 2)
        }
    }

    @Test("A page that cannot be written leaves nothing")
    func unwritable() throws {
        try FileManager.default.createDirectory(
            atPath: tool.directory + "/folder", withIntermediateDirectories: true)
        let before = try names.filter { !$0.hasPrefix(".") }
        let missing = try tool.run("report", "--html", "nowhere/page.html")
        #expect(
            missing.errors.hasPrefix("vireo: error: cannot create nowhere/page.html.new-"))
        #expect(missing.errors.hasSuffix(": No such file or directory\n"))
        #expect(missing.status == 1)
        let directory = try tool.run("report", "--html", "folder")
        #expect(
            directory.errors
                == "vireo: error: cannot write folder: Is a directory\n")
        let both = try tool.run("report", "--html", "page.html", "--json")
        #expect(
            both.errors.hasPrefix(
                "vireo: error: --html and --json exclude each other\n"))
        #expect(both.status == 64)
        #expect(try names.filter { !$0.hasPrefix(".") } == before)
    }
}
