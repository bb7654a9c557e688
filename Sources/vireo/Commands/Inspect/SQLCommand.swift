import ArgumentParser
import Report
import Store

/// `vireo sql`
struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Answers a query about everything that was ever run.",
        discussion: """
            The query can only read. It takes at most 30 seconds and gives at most 10,000 rows unless \
            --timeout and --limit say otherwise. `vireo sql --schema` prints the tables and views.
            """)

    @Argument(help: "One SQL statement; with --schema, a table or view.")
    var query: String?

    @Flag(name: .long, help: "Print the statements that made the tables and views, or one of them.")
    var schema = false

    @Option(name: .long, help: "How to print the answer: table, csv, json or markdown.")
    var format = Table.Format.table

    @Option(name: .long, help: ArgumentHelp("Rows at most; 0 for all.", valueName: "n"))
    var limit = 10_000

    @Option(
        name: .long,
        help: ArgumentHelp("How long the query may take.", valueName: "seconds"))
    var timeout = 30.0

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard query != nil || schema else {
            throw ValidationError("Missing expected argument '<query>'")
        }
        guard limit >= 0 else { throw ValidationError("--limit must be 0 or more") }
        guard timeout > 0, timeout <= 1e6 else {
            throw ValidationError("--timeout must be above 0 and at most 1000000")
        }
    }

    func run() throws {
        var limits = Console.Limits.unlimited(time: .seconds(timeout))
        // Without a limit of rows there is none of bytes either: whoever asks for all gets all.
        if limit > 0 { limits = .init(time: limits.time, rows: limit) }
        Console.limitMemory(bytes: Self.memory)
        let console = try Console(store.layout(), limits: limits)
        if schema { return try printSchema(console) }
        let query = query ?? ""
        let watch = Watchdog(after: .seconds(timeout + Self.grace)) { [time = limits.time] in
            StandardStream.complain("vireo: error: \(ConsoleError.late(time))\n")
        }
        defer { watch.stop() }
        let (rows, isCut) =
            try format == .csv && !output.json
            ? printSeparated(console, query) : printTable(console.run(query))
        if isCut {
            StandardStream.complain(
                "vireo: only the first \(rows) rows are shown; use LIMIT, narrow the query or raise --limit\n"
            )
        }
    }

    /// For SQLite, in bytes.
    private static let memory = 512 << 20

    /// How long after its time a query may still end by itself, in seconds: SQLite looks at the clock between the
    /// steps of a query, and one function is one step.
    private static let grace = 1.0

    private func printSchema(_ console: Console) throws {
        let answer = try console.run(Console.schemaQuery(of: query))
        if let query, answer.rows.isEmpty { throw CommandError.noTable(query) }
        let texts = answer.rows.map { row -> String in
            guard case .text(let text)? = row.first else { return "" }
            return text + ";\n"
        }
        try StandardStream.print(texts.joined(separator: "\n"))
    }

    private func printSeparated(
        _ console: Console, _ query: String
    ) throws -> (rows: Int, isCut: Bool) {
        var rows = SeparatedRows { try StandardStream.print($0) }
        var columns = 0
        var count = 0
        let isCut = try console.each(query) { names in
            columns = names.count
            rows.printHeader(names)
        } row: { row in
            count += 1
            return rows.print(row, columns: columns)
        }
        try rows.finish()
        return (count, isCut)
    }

    private func printTable(_ answer: Console.Answer) throws -> (rows: Int, isCut: Bool) {
        try StandardStream.print(
            Table(columns: answer.columns, rows: answer.rows).text(as: output.json ? .json : format)
        )
        return (answer.rows.count, answer.isCut)
    }
}
