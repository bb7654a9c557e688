import ArgumentParser
import Report
import Store

/// `vireo sql`
struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Runs an SQL query on the database of the store.",
        discussion: """
            The query cannot modify the database. By default it may take 30 seconds and return 10,000 \
            rows; --timeout and --limit change these limits. `vireo sql --schema` prints the tables and \
            views.
            """)

    @Argument(help: "An SQL statement; with --schema, the name of a table or view.")
    var query: String?

    @Flag(name: .long, help: "Print the SQL definitions of all tables and views, or of one.")
    var schema = false

    @Option(name: .long, help: "The output format: table, csv, json or markdown.")
    var format = Table.Format.table

    @Option(
        name: .long, help: ArgumentHelp("The maximum number of rows; 0 means all.", valueName: "n"))
    var limit = 10_000

    @Option(
        name: .long,
        help: ArgumentHelp("The time limit of the query.", valueName: "seconds"))
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
        // Without a row limit there is no byte limit either.
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
                "vireo: only the first \(rows) rows are shown: add LIMIT, narrow the query or "
                    + "raise --limit\n"
            )
        }
    }

    /// The memory limit of SQLite, in bytes.
    private static let memory = 512 << 20

    /// How long after its time limit a query may still end by itself, in seconds. SQLite checks the clock only between
    /// the steps of a query, and a single function call is one step.
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
