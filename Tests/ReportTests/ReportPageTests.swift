import Foundation
import Report
import Store
import Testing

@Suite("Page of a report", .timeLimit(.minutes(10)))
struct ReportPageTests {
    private func page(_ figure: Figure, _ points: [ChartPoint]) -> String {
        ReportPage(
            title: "Run 1 of p", summary: "Done.",
            sections: [.figure(figure, points, sql: "SELECT 1")]
        ).html
    }

    private func count(_ text: String, in page: String) -> Int {
        page.components(separatedBy: text).count - 1
    }

    @Test("The page is well formed, and data cannot become markup")
    func escaping() throws {
        let text = "<script>alert(\"x\")</script> & \u{202E}"
        let page = ReportPage(
            title: text, summary: text,
            sections: [
                .table(
                    TitledTable(
                        title: text, table: Table(columns: [text], rows: [[.text(text)]])),
                    sql: text),
                .figure(
                    .accuracy, [ChartPoint(panel: text, series: text, x: nil, y: 50)], sql: text),
                .figure(.pass, [ChartPoint(panel: text, series: text, x: 1, y: 50)], sql: text),
            ]
        ).html
        #expect(!page.contains("<script"))
        #expect(!page.contains("\u{202E}"))
        #expect(
            page.contains(
                "<td>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; \\u{202e}</td>"))
        let body = try #require(page.range(of: "<body>"))
        #expect(isBalanced(page[body.lowerBound...].replacing("</html>", with: "")))
    }

    @Test("Nothing is loaded from elsewhere")
    func alone() {
        let page = page(.bound, [ChartPoint(panel: "all levels", series: "bound", x: 1, y: -3)])
        for text in ["http", "src=", "href=", "url(", "@import"] { #expect(!page.contains(text)) }
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
    }

    /// What scrolls on a screen would be cut on paper.
    @Test("In print nothing scrolls")
    func printed() throws {
        let page = page(.bound, [ChartPoint(series: "bound", x: 1, y: -3)])
        let start = try #require(page.range(of: "@media print {"))
        let rules = page[start.upperBound...]
        #expect(rules.contains(".content { overflow: visible;"))
        #expect(rules.contains("pre { white-space: pre-wrap }"))
    }

    @Test("Sections without rows are left out, and so are charts without numbers")
    func empty() {
        let page = ReportPage(
            title: "t", summary: "s",
            sections: [
                .table(
                    TitledTable(title: "none", table: Table(columns: ["a"], rows: [])), sql: ""),
                .figure(.pass, [], sql: ""),
                .figure(.bound, [ChartPoint(series: "a", x: 1, y: nil)], sql: ""),
                .figure(.weights, [ChartPoint(series: "a", x: nil, y: .nan)], sql: ""),
            ]
        ).html
        #expect(!page.contains("<section"))
    }

    @Test("A section has its title, its note and its query")
    func section() {
        let page = page(.pass, [ChartPoint(series: "final", x: 1, y: 50)])
        #expect(page.contains("<h2>pass@k</h2>"))
        #expect(page.contains("with 95 % interval."))
        #expect(page.contains("<pre>SELECT 1</pre>"))
        #expect(page.contains(">completions k</text>"))
        #expect(page.contains(">pass@k, %</text>"))
    }

    @Test("An axis over powers of two has its ticks at the powers")
    func powers() {
        let page = page(
            .bound,
            [1, 2, 5, 16].map { ChartPoint(panel: "all levels", series: "bound", x: $0, y: -3) })
        for tick in ["1", "2", "4", "8", "16"] { #expect(page.contains(">\(tick)</text>")) }
        #expect(!page.contains(">5</text>"))
        // K = 5 stands between 4 and 8, where log2 5 = 2.3 is: at 62 + 246 * 2.3219 / 4.
        #expect(page.contains("L204.8 "))
    }

    @Test("An axis begins and ends at round numbers around all intervals")
    func round() {
        let page = page(
            .gradientMass,
            [ChartPoint(panel: "grpo", series: "measured", x: 0.1, y: 1, low: 0.4, high: 1.7)])
        // From 0.4 to 1.7 in about five steps of at least 0.26: of 0.5.
        for tick in ["0.5", "1.0", "1.5", "2.0"] { #expect(page.contains(">\(tick)</text>")) }
        #expect(!page.contains(">2.5</text>"))
    }

    @Test("Figures of any size have a chart")
    func extremes() {
        for value in [0, 1e-300, -1e300, 1e300, 1e15, Double.leastNonzeroMagnitude] {
            let page = page(
                .pass,
                [ChartPoint(series: "a", x: 1, y: value), ChartPoint(series: "b", x: value, y: 1)])
            #expect(!page.contains("nan") && !page.contains("inf"))
            #expect(page.contains("<svg"))
        }
    }

    @Test("Seven series are drawn in two charts, each with a legend of its own")
    func legends() {
        let points = (0..<7).map { ChartPoint(series: "arm \($0)", x: 1, y: 50) }
        let page = page(.pass, points)
        #expect(count("aria-label", in: page) == 2)
        #expect(count("<ul class=\"legend\">", in: page) == 2)
        for index in 0..<7 { #expect(count("arm \(index)</li>", in: page) == 1) }
    }

    @Test("Arms have rows and levels have columns of one chart")
    func dots() {
        let page = page(
            .accuracy,
            ["avg@4", "avg@4, level 1"].flatMap { panel in
                ["prior", "final"].map {
                    ChartPoint(panel: panel, series: $0, x: nil, y: 50, low: 40, high: 60)
                }
            })
        #expect(count("aria-label", in: page) == 1)
        #expect(count(">prior</text>", in: page) == 1)
        #expect(count(">avg@4, level 1</text>", in: page) == 1)
        #expect(count(">60</text>", in: page) == 2)
    }

    @Test("A long name of an arm keeps its beginning and its end, and is whole in a tooltip")
    func longName() {
        let name = String(repeating: "a", count: 30) + String(repeating: "b", count: 30)
        let page = page(.accuracy, [ChartPoint(panel: "avg@4", series: name, x: nil, y: 50)])
        let cut = String(repeating: "a", count: 25) + "…" + String(repeating: "b", count: 26)
        #expect(page.contains(">\(cut)</text>"))
        #expect(page.contains("<title>\(name)</title>"))
    }

    @Test("A histogram has a row for every tenth, filled or not")
    func bars() {
        let page = page(
            .weights, [ChartPoint(panel: "accuracy", series: "0.0 to 0.1", x: nil, y: 100)])
        #expect(page.contains(">0.0 to 0.1</text>"))
        #expect(page.contains(">0.9 to 1.0</text>"))
        #expect(count("Z\" fill=\"#0072B2\"", in: page) == 1)
    }

    /// Titles of 40 letters take 310 pixels each; beside the rows' names there are 974.
    @Test("Panels whose titles would meet stand below each other")
    func titles() {
        let points = (0..<6).map {
            ChartPoint(
                panel: "\($0)" + String(repeating: "w", count: 39), series: "0.0 to 0.1", x: nil,
                y: 9)
        }
        #expect(count("aria-label", in: page(.weights, points)) == 2)
        #expect(count("aria-label", in: page(.weights, Array(points.prefix(3)))) == 1)
    }

    @Test("A long series is drawn with few points, and with a spike of one point")
    func long() {
        let page = page(
            .learning,
            (0..<100_000).map {
                ChartPoint(
                    panel: "reward", series: "rl", x: Double($0), y: $0 == 77_777 ? 50 : 10)
            })
        #expect(page.contains(">50</text>"))
        // Its place is the top of the axis, from 10 to 50.
        #expect(count(" 24.0L", in: page) == 1)
        #expect(page.utf8.count < 30_000)
    }

    /// Whether every element ends, in the order that they nest.
    private func isBalanced(_ text: some StringProtocol) -> Bool {
        var open: [Substring] = []
        for tag in String(text).matches(of: /<(\/?)([a-z0-9]+)[^<>]*>/) {
            if tag.1.isEmpty {
                open.append(tag.2)
            } else if open.popLast() != tag.2 {
                return false
            }
        }
        return open.isEmpty
    }
}
