import ArgumentParser
import Execution
import Files
import JSON
import Pipeline
import Report
import Store

/// `vireo gc`
struct GCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Removes data from the store that no kept run needs.",
        discussion: """
            Without --keep-last and --older-than every run is kept, and only leftovers are removed: \
            temporary files, archives without a row, unpacked directories, and the files of ended \
            attempts. Files that a running process uses are never removed. A run counts as used when an \
            unchanged repetition prints its result. With --on, leftovers of this store in the shared directory of \
            a profile are removed too: files of tasks that are not in the queue, except for checkpoints from \
            which the next run resumes, and copies of the program that were not used for 30 days.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Keep only the latest n runs of each pipeline and its latest successful run; remove "
                + "the others and the data that only they need.",
            valueName: "n"))
    var keepLast: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Remove only runs last used longer ago than this, such as 30d; without --keep-last, "
                + "the latest run of each pipeline is kept.",
            valueName: "time"))
    var olderThan: String?

    @Option(
        name: .customLong("on"),
        help: ArgumentHelp(
            "Also remove leftovers in the shared directory of this profile.", valueName: "profile"))
    var profile: String?

    @Flag(name: .long, help: "Print what would be removed, without removing it.")
    var dryRun = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var store: StoreOptions

    func validate() throws {
        if let keepLast, keepLast < 1 {
            throw ValidationError(
                "--keep-last must be 1 or more: to remove all runs, remove the directory of the "
                    + "store"
            )
        }
        if let olderThan, Resources.duration(olderThan) == nil {
            throw ValidationError("--older-than takes a time such as 30d, 12h or 1d12h")
        }
    }

    func run() throws {
        let directory = try store.location.directory()
        let options = Reclamation.Options(
            keptRuns: keepLast,
            age: olderThan.flatMap(Resources.duration).map { $0 / .seconds(1) }, isDryRun: dryRun,
            shared: try sharedFiles(directory))
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

    /// The files of the store in the shared directory of the profile; `nil` without a profile.
    private func sharedFiles(_ directory: String) throws -> SharedFiles? {
        guard let profile else { return nil }
        var placement = PlacementOptions()
        placement.profile = profile
        guard let found = try placement.read(pipelineDirectory: "."), found.hasBatchSystem else {
            throw ValidationError("--on takes a profile with a shared directory")
        }
        return found.sharedDirectory(store: directory)
            .files(keeping: try Digest(ofFile: try Machine.executable()))
    }

    /// A line for each removed run.
    private static func text(_ runs: [Reclamation.Run], isDryRun: Bool) -> String {
        runs.map { run in
            "\(isDryRun ? "would remove" : "removes") run \(run.id.rawValue) of \(run.pipeline), "
                + "started \(run.started)\n"
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
            return notes + (isDryRun ? "Nothing would be removed.\n" : "Nothing was removed.\n")
        }
        let size = ByteCount(Int64(result.bytes)).text
        return Table(
            columns: [isDryRun ? "would be removed" : "removed", "number", "size"], rows: rows
        )
        .aligned
            + "\n" + notes + (isDryRun ? "This would free \(size).\n" : "Freed \(size).\n")
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
