import ArgumentParser
import Report
import Store

/// `vireo sql`
struct QueryStore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Answers a query about everything that was ever run.",
        discussion: """
            The query can only read, takes at most 30 seconds and gives at most 10,000 rows. \
            `vireo sql "SELECT sql FROM sqlite_schema"` prints the tables and views.
            """)

    @Argument(help: "One SQL statement.")
    var query: String

    @Option(name: .long, help: "How to print the answer: table, csv, json or markdown.")
    var format = Table.Format.table

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let layout = try store.open().layout
        let answer = try Console(layout).run(query)
        try StandardStream.print(Table(answer).text(as: output.json ? .json : format))
        if answer.isCut {
            StandardStream.complain(
                "vireo: only the first \(answer.rows.count) rows are shown; use LIMIT or narrow the query\n"
            )
        }
    }
}

extension Table {
    init(_ answer: Console.Answer) {
        self.init(
            columns: answer.columns,
            rows: answer.rows.map { row in
                row.map { cell in
                    switch cell {
                    case .null: .null
                    case .integer(let integer): .integer(integer)
                    case .real(let number): .number(number)
                    case .text(let text): .text(text)
                    case .blob(let data): .bytes(count: data.count)
                    }
                }
            })
    }
}
