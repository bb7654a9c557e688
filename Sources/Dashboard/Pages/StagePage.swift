import Files
import Pipeline
import Report
import Store

/// A stage, or all instances of a matrix: metrics, options, inputs, outputs and events.
struct StagePage: Page {
    private let id: String
    private let run: RunRecord
    private let details: [StageDetail]

    var title: String { "\(id), run \(run.id.rawValue)" }

    /// `nil` if the run has no such stage.
    init?(_ id: String, of run: RunRecord, in store: Store) throws {
        details = try store.stages(named: id, run: run.id)
        guard !details.isEmpty else { return nil }
        self.id = id
        self.run = run
    }

    func fragments(of store: Store) throws -> [Fragment] {
        let back = Markup(
            "p", [:],
            [
                Markup(
                    "a", ["href": "/run/\(run.id.rawValue)"], [Markup("Run \(run.id.rawValue)")]),
                Markup(" · \(details[0].stage.kind)"),
            ])
        let panels =
            (details.count > 1 ? [instances] : [])
            + [try metrics(store)] + (details.count == 1 ? own(details[0]) : [])
        let isOpen = details.contains { $0.stage.outcome == .pending } && run.outcome == "running"
        let live = isOpen ? PageLink("/run/\(run.id.rawValue)/stage", ["id": id]).text : nil
        return [Fragment(back)] + panels.compactMap { $0 }.map { $0.fragment(live: live) }
    }

    private var instances: Panel {
        Panel(
            title: "\(details.count) instances",
            content: [
                Markup.table(
                    ["stage", "outcome", "time", "why"],
                    details.map(\.stage).map { stage in
                        [
                            StageReference(run.id, stage.id).markup,
                            OutcomeMark(RunListing.outcome(of: stage)).markup,
                            Markup(stage.seconds.map { Elapsed(seconds: $0).text } ?? ""),
                            Markup(stage.error ?? stage.reason ?? ""),
                        ]
                    })
            ])
    }

    // MARK: Metrics

    /// A chart for each metric with several steps, and a table of the others.
    private func metrics(_ store: Store) throws -> Panel? {
        let query = SeriesPoint.query(run.id, stage: id)
        let points: [SeriesPoint] = try store.snapshot { try $0.rows(query) }
        guard !points.isEmpty else { return nil }
        let members = Dictionary(grouping: points, by: \.name)
        let curves = members.filter { Set($0.value.map(\.step)).count > 1 }
        let drawing = Figure.lines(
            curves.keys.sorted().flatMap { name in
                (members[name] ?? []).filter { $0.value?.isFinite == true }.map {
                    ChartPoint(panel: name, series: $0.stage, x: $0.step, y: $0.value)
                }
            }, xTitle: "step")
        let single = members.keys.filter { curves[$0] == nil }.sorted()
        let table = Markup.table(
            ["metric"] + details.map { $0.stage.id },
            single.map { name in
                [Markup(name)]
                    + details.map { detail in
                        let point = members[name]?.first { $0.stage == detail.stage.id }
                        return Markup(point?.value.map(Self.number) ?? "")
                    }
            })
        return Panel(
            title: "Metrics",
            note: curves.isEmpty
                ? ""
                : "\(points.count) points; of each column of pixels the least and the greatest are drawn.",
            query: query, content: drawing + (single.isEmpty ? [] : [table]))
    }

    // MARK: The stage alone

    private func own(_ detail: StageDetail) -> [Panel] {
        let stage = detail.stage
        func time(_ seconds: Double?) -> String? { seconds.map { Elapsed(seconds: $0).text } }
        let all: [(String, String?)] = [
            ("outcome", RunListing.progress(of: stage)), ("why", stage.reason),
            ("error", stage.error), ("attempt", stage.attempt.map(String.init)),
            ("started", stage.started.map(RunListing.when)), ("time", time(stage.seconds)),
            ("processor time", time(stage.cpuSeconds)),
            ("memory", stage.peakMemory.map { ByteCount(Int64($0)).text }),
            ("key", stage.key.map { "\($0)" }),
        ]
        let facts = all.compactMap { name, value in value.map { (name, $0) } }
        var panels = [
            Panel(
                title: "Facts",
                content: [
                    Markup.table(["", ""], facts.map { [Markup($0.0), Markup($0.1)] })
                ])
        ]
        if !detail.inputs.isEmpty {
            panels.append(
                Panel(
                    title: "Inputs",
                    content: [
                        Markup.table(
                            ["input", "output of", "artifact"],
                            detail.inputs.map {
                                [
                                    Markup("\($0.name)[\($0.position)]"),
                                    Markup("\($0.output) of \($0.producerKind)"),
                                    Self.digest($0.artifact),
                                ]
                            })
                    ]))
        }
        if !detail.outputs.isEmpty {
            panels.append(
                Panel(
                    title: "Outputs",
                    content: [
                        Markup.table(
                            ["output", "type", "files", "size", "artifact"],
                            detail.outputs.map {
                                [
                                    Markup($0.name), Markup($0.type?.rawValue ?? ""),
                                    Markup("\($0.files)"), Markup(ByteCount(Int64($0.bytes)).text),
                                    Self.digest($0.artifact),
                                ]
                            })
                    ]))
        }
        if let document = detail.document {
            panels.append(
                Panel(title: "Options", content: [Markup("pre", [:], [Markup(document)])]))
        }
        if !detail.events.isEmpty {
            panels.append(
                Panel(
                    title: "Events",
                    content: [
                        Markup.table(
                            ["time", "event", "text"],
                            detail.events.map {
                                [
                                    Markup(RunListing.when($0.time)), Markup($0.kind),
                                    Markup($0.text),
                                ]
                            })
                    ]))
        }
        return panels
    }

    private static func number(_ value: Double) -> String { SQLValue.real(value).text }

    private static func digest(_ digest: Digest) -> Markup {
        Markup("\(digest)".prefix(12) + "…")
    }
}
