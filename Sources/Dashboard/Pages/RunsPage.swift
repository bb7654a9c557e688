import Report
import Store

/// The list of runs, with the parameters that differ among them.
struct RunsPage: Page {
    let title = "Runs"

    private let pipeline: String?
    private let outcome: String?
    private let first: Int

    private static let count = 100

    init(_ request: PageRequest) {
        pipeline = request["pipeline"]
        outcome = request["outcome"]
        first = max(0, request["from"].flatMap(Int.init) ?? 0)
    }

    func fragments(of store: Store) throws -> [Fragment] {
        let all = try store.runs().filter {
            (pipeline == nil || $0.pipeline == pipeline)
                && (outcome == nil || $0.outcome == outcome)
        }
        let runs = Array(all.dropFirst(first).prefix(Self.count))
        guard !runs.isEmpty else {
            return [
                Fragment(form),
                Fragment(Markup("p", [:], [Markup("No run of this store matches.")])),
            ]
        }
        let values: [ParameterValue] = try store.snapshot {
            try $0.rows(ParameterValue.query(runs.map(\.id)))
        }
        let names = Self.differing(values, runs)
        var cells: [Int64: [String: String]] = [:]
        for value in values { cells[value.run, default: [:]][value.name] = value.value }
        let columns = ["run", "pipeline", "outcome", "stages", "started (UTC)", "time"]
        let rows = runs.map { run in
            [
                Markup(
                    "a", ["href": "/run/\(run.id.rawValue)"], [Markup("#\(run.id.rawValue)")]),
                Markup(
                    "a", ["href": PageLink("/", ["pipeline": run.pipeline]).text],
                    [Markup(run.pipeline)]),
                OutcomeMark(run.outcome).markup,
                Markup("\(run.cached + run.ran)/\(run.stages)"),
                Markup(RunListing.when(run.started)),
                Markup(run.seconds.map { Elapsed(seconds: $0).text } ?? ""),
            ] + names.map { Markup(cells[run.id.rawValue]?[$0] ?? "") }
        }
        let table = Markup.table(columns + names, rows, short: columns.count)
        let count =
            all.count == runs.count ? "\(all.count) runs" : "\(runs.count) of \(all.count) runs"
        let panel = Panel(
            title: "List",
            note: count
                + (names.isEmpty
                    ? "" : ". Parameters that differ among runs of a pipeline have columns."),
            query: "SELECT * FROM run_summary ORDER BY run DESC LIMIT 1000", content: [table])
        let isWhole = first == 0 && pipeline == nil && outcome == nil
        return [Fragment(form), panel.fragment(live: isWhole ? "/" : nil)]
            + (first + runs.count < all.count ? [Fragment(next(first + runs.count))] : [])
    }

    private func next(_ from: Int) -> Markup {
        Markup(
            "a",
            [
                "href": PageLink(
                    "/", ["pipeline": pipeline, "outcome": outcome, "from": "\(from)"]
                ).text
            ], [Markup("More runs")])
    }

    private var form: Markup {
        func field(_ name: String, _ value: String?) -> Markup {
            Markup(
                "label", [:],
                [
                    Markup("\(name) "),
                    Markup("input", ["name": name, "value": value ?? "", "size": "14"]),
                ])
        }
        return Markup(
            "form", ["action": "/", "class": "filter"],
            [
                field("pipeline", pipeline), field("outcome", outcome),
                Markup("button", [:], [Markup("Filter")]),
            ])
    }

    /// The names of parameters that do not have the same value in all runs of a pipeline.
    static func differing(_ values: [ParameterValue], _ runs: [RunRecord]) -> [String] {
        let pipelines = Dictionary(
            runs.map { ($0.id.rawValue, $0.pipeline) }, uniquingKeysWith: { first, _ in first })
        let counts = Dictionary(grouping: runs, by: \.pipeline).mapValues(\.count)
        let groups = Dictionary(grouping: values) { [pipelines[$0.run] ?? "", $0.name] }
        let names = groups.compactMap { key, values -> String? in
            let isShared = values.count == counts[key[0]] && Set(values.map(\.value)).count == 1
            return isShared ? nil : key[1]
        }
        return Set(names).sorted()
    }
}
