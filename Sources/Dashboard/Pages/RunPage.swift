import Report
import Store

/// A run: its progress, the timeline of its stages, and its results.
struct RunPage: Page {
    private let run: RunRecord

    var title: String { "Run \(run.id.rawValue) of \(run.pipeline)" }

    init(_ run: RunRecord) { self.run = run }

    func fragments(of store: Store) throws -> [Fragment] {
        let stages = try store.stages(run.id)
        let spans: [StageSpan] = try store.snapshot { try $0.rows(StageSpan.query(run.id)) }
        let results = try RunResults(of: run.id, in: store)
        let timeline = Timeline(spans, now: run.seconds ?? spans.compactMap(\.end).max() ?? 0)
        var panels = [
            Panel(
                title: "Timeline",
                note:
                    "One row for all instances of a stage; a bar is an instance that ran in this run.",
                query: StageSpan.query(run.id), content: [timeline.markup(run: run.id.rawValue)])
        ]
        panels += tables(AccuracyTables(results).tables, .arms)
        panels += tables([CostTable(results.costs).titled], .costs)
        panels += tables(ReplicateTable(results.replicates).tables, .replicates)
        panels += tables([CandidateTable(results.candidates).titled], .candidates)
        panels += tables([BoundTable(results.bounds).titled], .bounds)
        panels += tables([GradientMassTable(results.gradientMass).titled], .gradientMass)
        panels += tables(ClaimTable.all(results.claims).map(\.titled), .claims)
        panels.append(stageTable(stages))
        let live = run.outcome == "running" ? "/run/\(run.id.rawValue)" : nil
        return [headline(stages, live: live)] + panels.map { $0.fragment(live: live) }
    }

    /// What the run does or did, and the stages that failed.
    private func headline(_ stages: [StageRecord], live path: String?) -> Fragment {
        let sentence = StageOutcomes(stages).sentence(seconds: run.seconds ?? 0)
        let lines =
            [
                Markup(
                    "p", [:],
                    [
                        OutcomeMark(run.outcome).markup,
                        Markup(" \(RunListing.headline(run)) \(sentence)"),
                    ]
                        + (stages.contains { $0.kind == "weigh" && $0.execution != nil }
                            ? [
                                Markup(" "),
                                Markup(
                                    "a", ["href": "/run/\(run.id.rawValue)/traces"],
                                    [Markup("Traces")]),
                            ] : []))
            ]
            + stages.filter { $0.outcome == .failed }.map { stage in
                Markup(
                    "p", ["class": "bad"],
                    [
                        StageReference(run.id, stage.id).markup,
                        Markup(": \(stage.error ?? "failed")"),
                    ])
            }
        guard let path else { return Fragment(Markup("div", [:], lines)) }
        let name = path + "#headline"
        return Fragment(live: name, Markup("div", ["data-live": name, "role": "status"], lines))
    }

    private func tables(_ tables: [TitledTable?], _ query: ReportQuery) -> [Panel] {
        tables.compactMap { $0 }.filter { !$0.table.rows.isEmpty }.map {
            Panel(
                title: $0.title, note: $0.note, query: Query(sql: query.sql(for: run.id)),
                content: [$0.table.html])
        }
    }

    private func stageTable(_ stages: [StageRecord]) -> Panel {
        let rows = stages.map { stage in
            [
                StageReference(run.id, stage.id).markup, Markup(stage.kind),
                OutcomeMark(RunListing.outcome(of: stage)).markup,
                Markup(
                    stage.outcome == .cached
                        ? "" : stage.seconds.map { Elapsed(seconds: $0).text } ?? ""),
                Markup(stage.error ?? stage.reason ?? ""),
            ]
        }
        return Panel(
            title: "Stages",
            query:
                "SELECT id, kind, outcome, reason FROM stage WHERE run = \(run.id) ORDER BY ordinal",
            content: [Markup.table(["stage", "kind", "outcome", "time", "why"], rows)])
    }
}

/// A link to a stage of a run.
struct StageReference {
    let markup: Markup

    init(_ run: RunID, _ id: String) {
        markup = Markup(
            "a", ["href": PageLink("/run/\(run.rawValue)/stage", ["id": id]).text], [Markup(id)])
    }
}
