import Dashboard
import Report
import Store
import TestSupport
import Testing

@Suite("The dashboard", .timeLimit(.minutes(10)))
struct DashboardTests {
    private let small: SmallRun

    init() throws { small = try SmallRun() }

    private func dashboard() throws -> Dashboard {
        try Dashboard(small.store, assets: ["app.js": "/assets/app.js?v=1"])
    }

    private func answer(_ path: String, _ query: String = "", isForeign: Bool = false) throws
        -> PageAnswer
    {
        try dashboard().answer(
            #require(PageRequest(path: path, query: query, isForeign: isForeign)))
    }

    @Test("The list has a link to each run, and a column for a parameter that differs")
    func runs() throws {
        _ = try small.stage("a", run: 1)
        _ = try small.stage("a", run: 2)
        try small.execute(
            """
            INSERT INTO param VALUES
                (1, 'task', '"countdown"'), (2, 'task', '"countdown"'), (1, 'rate', '1'), (2, 'rate', '2')
            """)
        let page = try answer("/")
        #expect(page.status == 200 && page.type == "text/html; charset=utf-8")
        #expect(page.body.contains("<a href=\"/run/1\">#1</a>"))
        #expect(page.body.contains("<th scope=\"col\">rate</th>"))
        #expect(!page.body.contains("<th scope=\"col\">task</th>"))
        #expect(page.body.contains("src=\"/assets/app.js?v=1\""))
        let none = try answer("/", "pipeline=other")
        #expect(none.body.contains("No run of this store matches."))
    }

    @Test("A run shows its stages and figures, and a stage its metrics")
    func run() throws {
        let execution = try small.stage("tests[seed=0]")
        try small.evaluation(execution, "final", "avg@4", 0.5, replicate: 0)
        try small.execute(
            """
            INSERT INTO series (execution, name) VALUES (\(execution), 'loss');
            INSERT INTO metric_point
                SELECT last_insert_rowid(), value, 1.0 / value
                FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3);
            """)
        let page = try answer("/run/1")
        #expect(page.body.contains("Accuracy in %"))
        #expect(page.body.contains("/run/1/stage?id=tests%5Bseed%3D0%5D"))
        let stage = try answer("/run/1/stage", "id=tests%5Bseed%3D0%5D")
        #expect(stage.body.contains("aria-label=\"loss:"))
        #expect(stage.body.contains("3 points"))
        #expect(try answer("/run/1/stage", "id=tests").status == 200)
    }

    @Test(
        "What is not there is said to be missing",
        arguments: ["/run/9", "/run/x", "/run/1/stage?id=none", "/run/1/other", "/nothing"])
    func missing(address: String) throws {
        _ = try small.stage("a")
        let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
        let page = try answer(parts[0], parts.count > 1 ? parts[1] : "")
        #expect(page.status == 404)
        #expect(page.body.contains("There is no page \(address)."))
    }

    @Test("A query gives a table, values or an error, and never writes")
    func queries() throws {
        _ = try small.stage("a<b>")
        let link = PageLink("/sql", ["q": "SELECT id FROM stage"]).text
        #expect(try answer("/sql", String(link.dropFirst(5))).body.contains("a&lt;b&gt;"))
        #expect(try answer("/data.csv", "q=SELECT+1+AS+a,+2+AS+b").body == "a,b\n1,2\n")
        #expect(try answer("/data.json", "q=SELECT+1+AS+a").body == "[\n  {\"a\": 1}\n]\n")
        let writes = try answer("/sql", "q=DELETE+FROM+stage")
        #expect(writes.body.contains("class=\"bad\""))
        #expect(try answer("/data.csv", "q=DELETE+FROM+stage").status == 400)
        #expect(try small.query("SELECT count(*) FROM stage") == ["1"])
        #expect(try answer("/data.csv").status == 400)
    }

    @Test("A query to which another site led is shown, but not run")
    func foreign() throws {
        let page = try answer("/sql", "q=SELECT+1234+AS+x", isForeign: true)
        #expect(page.body.contains("SELECT 1234 AS x") && !page.body.contains("<td"))
        #expect(try answer("/data.csv", "q=SELECT+1", isForeign: true).status == 403)
    }

    @Test("The fragments of an open run are found by their names, and differ when it goes on")
    func fragments() throws {
        _ = try small.stage("a")
        let name = "/run/1#stages"
        let running = try answer("/run/1").body.contains("data-live=\"\(name)\"")
        let fragments = try dashboard().fragments(named: [name, "/run/9#stages", "/run/1#none"])
        #expect(fragments.map(\.name) == (running ? [name] : []))
        #expect(fragments.allSatisfy { $0.html.contains("data-live=\"\(name)\"") })
        #expect(try dashboard().fragments(named: ["/#list"]).map(\.name) == ["/#list"])
    }

    /// Two questions with two traces each, whose tokens are " a" and " ö".
    private func weighedTraces() throws {
        try small.questions(2)
        let traces = try small.stage("traces")
        let prior = try small.stage("prior", inputs: [traces])
        let posterior = try small.stage("posterior", inputs: [traces])
        let weights = try small.stage("weights", inputs: [prior, posterior])
        try small.execute(
            """
            UPDATE execution_input SET name = 'traces' WHERE execution IN (\(prior), \(posterior));
            UPDATE execution_input SET name = iif(position = 0, 'prior', 'posterior')
            WHERE execution = \(weights);
            UPDATE stage SET kind = 'weigh' WHERE id = 'weights';
            """)
        for question in ["q1", "q2"] {
            try small.weights(weights, question, tokens: 2, [0.25, 0.75])
            for sample in 0...1 {
                try small.execute(
                    """
                    INSERT INTO trace (execution, output, question, sample, text, tokens, finish)
                    VALUES (\(traces), 'o', '\(question)', \(sample), ' a ö<', 2, 'stop');
                    INSERT INTO token_score VALUES
                        (\(prior), 'o', '\(question)', \(sample), '[-1.5,-0.25]', '[2,6]'),
                        (\(posterior), 'o', '\(question)', \(sample), '[-0.5,-0.75]', '[2,6]');
                    """)
            }
        }
        try small.execute("UPDATE trace_weight SET selected = sample")
    }

    @Test("The traces of a question stand side by side, the heaviest first, coloured by token")
    func traces() throws {
        try weighedTraces()
        let page = try answer("/run/1/traces").body
        let samples = page.matches(of: /<h3>Sample (\d)([^<]*)<\/h3>/).map {
            "\($0.output.1)\($0.output.2)"
        }
        #expect(samples == ["1, selected", "0"])
        #expect(
            page.contains(
                "<span class=\"ratio-1\" title=\"prior -1.5, posterior -0.5, ratio -1.0\"> a</span>"
            ))
        #expect(page.contains("title=\"prior -0.25, posterior -0.75, ratio 0.5\"> ö&lt;</span>"))
        #expect(page.contains("sum of log-ratios -0.5"))
        #expect(
            page.contains("href=\"/run/1/traces?stage=weights&amp;question=q2\" data-key=\"j\""))
        #expect(!page.contains("data-key=\"k\""))
        let next = try answer("/run/1/traces", "stage=weights&question=q2").body
        #expect(next.contains("data-key=\"k\"") && !next.contains("data-key=\"j\""))
        #expect(try answer("/run/1").body.contains("href=\"/run/1/traces\""))
    }

    @Test(
        "Ends of tokens that do not fit the text leave it without colours",
        arguments: ["[-5,6]", "[2,7]", "[6,2]", "[2]", "[2,9223372036854775807]"])
    func wrongEnds(ends: String) throws {
        try weighedTraces()
        try small.execute("UPDATE token_score SET ends = '\(ends)'")
        let page = try answer("/run/1/traces").body
        #expect(page.contains("<p class=\"tokens\"> a ö&lt;</p>"))
    }

    @Test("Without weighed traces, or with an unknown question, the page says so")
    func noTraces() throws {
        _ = try small.stage("a", run: 2)
        #expect(try answer("/run/2/traces").body.contains("No stage of this run weighed traces."))
        try weighedTraces()
        #expect(
            try answer("/run/1/traces", "question=none").body.contains(
                "The stage weighed no such question."))
    }
}
