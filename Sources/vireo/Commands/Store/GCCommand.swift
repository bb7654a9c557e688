import ArgumentParser
import JSON
import Pipeline
import Report
import Store

/// `vireo gc`
struct GCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Removes from the store what no kept run needs.",
        discussion: """
            Without --keep-last and --older-than every run is kept, and only leftovers go: temporary \
            files, archives without a row, unpacked directories, what ended attempts left. What a runner \
            works on, or reads, always stays. A run that answered a repetition from the cache counts as used \
            then.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Forget all but the latest runs of each pipeline and the latest that finished, and what only they need.",
            valueName: "n"))
    var keepLast: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Forget only runs last used longer ago, such as 30d; alone, it keeps each pipeline's latest run.",
            valueName: "time"))
    var olderThan: String?

    @Flag(name: .long, help: "Only say what would go.")
    var dryRun = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var store: StoreOptions

    func validate() throws {
        if let keepLast, keepLast < 1 {
            throw ValidationError(
                "--keep-last must be 1 or more, for without its runs a store is empty: to empty it, "
                    + "remove its directory")
        }
        if let olderThan, Resources.duration(olderThan) == nil {
            throw ValidationError("--older-than takes a time such as 30d, 12h or 1d12h")
        }
    }

    func run() throws {
        let directory = try store.location.directory()
        let options = Reclamation.Options(
            keptRuns: keepLast,
            age: olderThan.flatMap(Resources.duration).map { $0 / .seconds(1) }, isDryRun: dryRun)
        let opened =
            dryRun
            ? try Store.open(directory: directory, mode: .readOnly)
            : try Store.openForWriting(directory)
        let result = try opened.collect(options) { runs in
            if !json { try StandardStream.print(Self.text(runs, isDryRun: dryRun)) }
        }
        try opened.close()
        try StandardStream.print(json ? Self.json(result) : Self.text(result, isDryRun: dryRun))
    }

    /// A line for each run that goes.
    private static func text(_ runs: [Reclamation.Run], isDryRun: Bool) -> String {
        runs.map { run in
            "\(isDryRun ? "would forget" : "forgets") run \(run.id.rawValue) of \(run.pipeline), "
                + "begun \(run.started)\n"
        }.joined()
    }

    private static func text(_ result: Reclamation, isDryRun: Bool) -> String {
        let rows = Reclamation.Part.allCases.compactMap { part -> [SQLValue]? in
            guard let amount = result.amounts[part] else { return nil }
            let size: SQLValue =
                amount.bytes > 0 ? .text(ByteCount(Int64(amount.bytes)).text) : .null
            return [.text(part.rawValue), .integer(Int64(amount.count)), size]
        }
        let notes = result.remarks.map { "note: \($0)\n" }.joined()
        guard !rows.isEmpty else {
            return notes + (isDryRun ? "Nothing would go.\n" : "Nothing had to go.\n")
        }
        let size = ByteCount(Int64(result.bytes)).text
        return Table(columns: [isDryRun ? "would go" : "gone", "number", "size"], rows: rows)
            .aligned
            + "\n" + notes + (isDryRun ? "This would free \(size).\n" : "\(size) freed.\n")
    }

    private static func json(_ result: Reclamation) -> String {
        JSONValue.object([
            "runs": .array(
                result.runs.map {
                    .object([
                        "run": .integer(Int($0.id.rawValue)), "pipeline": .string($0.pipeline),
                        "started": .string($0.started),
                    ])
                }),
            "bytes": .integer(result.bytes),
            "remarks": .array(result.remarks.map { .string($0) }),
            "parts": .object(
                Dictionary(
                    uniqueKeysWithValues: result.amounts.map { part, amount in
                        (
                            part.rawValue,
                            JSONValue.object([
                                "number": .integer(amount.count), "bytes": .integer(amount.bytes),
                            ])
                        )
                    })),
        ]).indented + "\n"
    }
}
