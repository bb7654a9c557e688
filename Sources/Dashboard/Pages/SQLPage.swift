import Report
import Store

/// A query of the reader and its answer.
struct SQLPage: Page {
    let title = "SQL"

    private let sql: String?
    private let isForeign: Bool
    private let console: Console

    init(_ request: PageRequest, _ console: Console) {
        sql = request["q"]
        isForeign = request.isForeign
        self.console = console
    }

    func fragments(of store: Store) throws -> [Fragment] {
        let form = Markup(
            "form", ["action": "/sql", "class": "editor"],
            [
                Markup(
                    "label", ["for": "query"], [Markup("One statement that reads the store")]),
                Markup(
                    "textarea", ["id": "query", "name": "q", "rows": "8", "spellcheck": "false"],
                    [Markup(sql ?? "SELECT * FROM run_summary")]),
                Markup("button", [:], [Markup("Run")]),
            ])
        guard let sql, !isForeign else { return [Fragment(form)] }
        do throws(ConsoleError) {
            let answer = try console.run(sql)
            let table = Table(columns: answer.columns, rows: answer.rows)
            return [
                Fragment(form),
                Panel(
                    title: answer.rows.count == 1 ? "1 row" : "\(answer.rows.count) rows",
                    note: answer.isCut ? "There are more rows: the page shows the first." : "",
                    query: Query(sql: sql), content: [table.html]
                ).fragment(),
            ]
        } catch {
            return [
                Fragment(form),
                Fragment(Markup("p", ["class": "bad", "role": "alert"], [Markup("\(error)")])),
            ]
        }
    }
}
