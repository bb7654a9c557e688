import Report

/// The work of a run over time, with one row for all instances of a stage.
struct Timeline {
    struct Row: Hashable {
        let name: String
        let spans: [StageSpan]

        /// Stages whose results earlier runs had made.
        var cached: Int { spans.count { $0.outcome == "cached" } }
    }

    let rows: [Row]

    /// The end of the axis, in seconds since the start of the run.
    let seconds: Double

    /// `now` is the end of work that goes on, in seconds since the start of the run.
    init(_ spans: [StageSpan], now: Double) {
        var names: [String] = []
        var members: [String: [StageSpan]] = [:]
        for span in spans {
            if members[span.name] == nil { names.append(span.name) }
            members[span.name, default: []].append(
                StageSpan(
                    stage: span.stage, name: span.name, outcome: span.outcome, start: span.start,
                    end: span.start == nil ? nil : span.end ?? max(now, span.start ?? 0)))
        }
        rows = names.map { Row(name: $0, spans: members[$0] ?? []) }
        seconds = max(
            1, spans.compactMap(\.end).max() ?? 0,
            spans.contains { $0.start != nil && $0.end == nil } ? now : 0)
    }

    private static let width = 900.0
    private static let left = 260.0
    private static let height = 18.0
    private static let top = 22.0

    /// The most bars in a row; more are joined with their neighbours.
    private static let most = 200

    func markup(run: Int64) -> Markup {
        let height = Self.top + Self.height * Double(rows.count) + 4
        let ticks = Axis([0, seconds]).ticks.filter { $0 <= seconds }
        let lines = ticks.flatMap { tick -> [Markup] in
            let x = place(tick)
            return [
                Markup(
                    "path",
                    ["d": "M\(x.place) \(Self.top.place)V\(height.place)", "class": "grid"]),
                Markup(
                    "text", ["x": x.place, "y": "14", "text-anchor": "middle"],
                    [Markup(Elapsed(seconds: tick).rough)]),
            ]
        }
        return Markup(
            "svg",
            [
                "viewBox": "0 0 \(Self.width.place) \(height.place)", "role": "img",
                "class": "timeline", "aria-label": "Work of \(rows.count) stages over time",
            ],
            lines + rows.enumerated().flatMap { drawing($1, number: $0, run: run) })
    }

    private func place(_ time: Double) -> Double {
        Self.left + (Self.width - Self.left - 20) * min(1, max(0, time / seconds))
    }

    private func drawing(_ row: Row, number: Int, run: Int64) -> [Markup] {
        let y = Self.top + Self.height * Double(number)
        let instances = row.spans.count > 1 ? " ×\(row.spans.count)" : ""
        let label = Markup(
            "a", ["href": PageLink("/run/\(run)/stage", ["id": row.name]).text],
            [
                Markup(
                    "text",
                    ["x": (Self.left - 8).place, "y": (y + 13).place, "text-anchor": "end"],
                    [Markup(Self.short(row.name) + instances)])
            ])
        let worked = row.spans.filter { $0.start != nil }.sorted {
            ($0.start ?? 0) < ($1.start ?? 0)
        }
        let group = max(1, (worked.count + Self.most - 1) / Self.most)
        let bars = stride(from: 0, to: worked.count, by: group).map { first -> Markup in
            let members = worked[first..<min(worked.count, first + group)]
            let start = place(members.compactMap(\.start).min() ?? 0)
            let end = place(members.compactMap(\.end).max() ?? 0)
            let outcome =
                members.first { $0.outcome == "failed" }?.outcome ?? members[first].outcome
            let named = members.count == 1 ? members[first].stage : "\(members.count) stages"
            let time =
                (members.compactMap(\.end).max() ?? 0) - (members.compactMap(\.start).min() ?? 0)
            return Markup(
                "rect",
                [
                    "x": start.place, "y": (y + 3).place, "width": max(1, end - start).place,
                    "height": (Self.height - 6).place, "class": "bar \(outcome)",
                ],
                [
                    Markup(
                        "title", [:],
                        [Markup("\(named): \(outcome), \(Elapsed(seconds: time).text)")])
                ])
        }
        let note =
            row.cached == 0
            ? []
            : [
                Markup(
                    "text", ["x": place(0).place, "y": (y + 13).place, "class": "faint"],
                    [Markup(worked.isEmpty ? "cached" : "")])
            ]
        return [label] + bars + note
    }

    /// A name that fits beside the bars: its end says more than its beginning.
    private static func short(_ name: String) -> String {
        name.count <= 36 ? name : "…" + name.suffix(35)
    }
}
