import Report
import Store

/// The traces of a question side by side, coloured by the ratio of prior to posterior of each token.
struct TracesPage: Page {
    private let run: RunRecord
    private let stage: String?
    private let question: String?

    var title: String { "Traces, run \(run.id.rawValue)" }

    init(_ run: RunRecord, _ request: PageRequest) {
        self.run = run
        stage = request["stage"]
        question = request["question"]
    }

    func fragments(of store: Store) throws -> [Fragment] {
        let weighings: [WeighingStage] = try store.snapshot {
            try $0.rows(WeighingStage.query(run.id))
        }
        guard let weighing = weighings.first(where: { $0.stage == stage }) ?? weighings.first
        else {
            return [Fragment(Markup("p", [:], [Markup("No stage of this run weighed traces.")]))]
        }
        let (here, before, after, traces, tokens) = try store.snapshot { snapshot in
            func question(_ place: WeighedQuestion.Place, _ id: String?) throws -> WeighedQuestion?
            {
                try
                    (snapshot.rows(WeighedQuestion.query(weighing.execution, place, id))
                    as [WeighedQuestion]).first
            }
            let here = try question(.same, self.question)
            let id = here?.question ?? ""
            return (
                here, try question(.before, id), try question(.after, id),
                try snapshot.rows(WeighedTrace.query(weighing.execution, id)) as [WeighedTrace],
                try snapshot.rows(TokenScoreRow.query(weighing.execution, id)) as [TokenScoreRow]
            )
        }
        guard let here else {
            return [Fragment(Markup("p", [:], [Markup("The stage weighed no such question.")]))]
        }
        let scores = Dictionary(grouping: tokens, by: \.sample)
        let cards = traces.map { card($0, TokenRatio.all(scores[$0.sample] ?? [])) }
        let panel = Panel(
            title: "Traces",
            note: tokens.isEmpty
                ? "The heaviest trace stands first."
                : "The heaviest trace stands first. Tokens that the posterior prefers are underlined and orange, those that the prior prefers are blue.",
            query: WeighedTrace.query(weighing.execution, here.question),
            content: [Markup("div", ["class": "traces"], cards)])
        return [
            Fragment(stages(weighings, weighing)), Fragment(header(here, weighing, before, after)),
            panel.fragment(),
        ]
    }

    private func link(_ stage: String, _ question: String?) -> String {
        PageLink("/run/\(run.id.rawValue)/traces", ["stage": stage, "question": question]).text
    }

    /// The stages whose traces can be shown. The same question stays in view.
    private func stages(_ all: [WeighingStage], _ current: WeighingStage) -> Markup {
        Markup(
            "nav", ["aria-label": "Stages that weighed traces"],
            all.prefix(200).map { stage in
                let isCurrent = stage == current
                return Markup(
                    "a",
                    isCurrent
                        ? ["href": link(stage.stage, question), "aria-current": "true"]
                        : ["href": link(stage.stage, question)],
                    [Markup(stage.stage)])
            })
    }

    private func header(
        _ question: WeighedQuestion, _ weighing: WeighingStage, _ before: WeighedQuestion?,
        _ after: WeighedQuestion?
    ) -> Markup {
        func step(_ other: WeighedQuestion?, _ text: String, _ key: String) -> [Markup] {
            other.map {
                [
                    Markup(
                        "a",
                        [
                            "href": link(weighing.stage, $0.question), "data-key": key,
                            "title": "key \(key)",
                        ], [Markup(text)])
                ]
            } ?? []
        }
        let level = question.level.map { ", level \($0)" } ?? ""
        return Markup(
            "div", [:],
            [
                Markup(
                    "p", ["class": "steps"],
                    step(before, "← previous", "k") + step(after, "next →", "j")),
                Markup("p", ["class": "question"], [Markup(question.text)]),
                Markup(
                    "p", ["class": "dim"],
                    [
                        Markup(
                            "\(question.question)\(level), reference \(question.reference ?? "none")"
                        )
                    ]),
            ])
    }

    private func card(_ trace: WeighedTrace, _ tokens: [TokenRatio]) -> Markup {
        let facts = [
            trace.weight.map { "weight \(Self.number($0))" },
            trace.accuracy.map { "right \(Self.number(100 * $0)) %" },
            "\(trace.tokens) tokens", trace.finish == "stop" ? nil : "not finished",
            trace.reason,
        ].compactMap { $0 }.joined(separator: " · ")
        let sum = tokens.isEmpty ? nil : tokens.reduce(0) { $0 + ($1.ratio ?? 0) }
        return Markup(
            "article", ["class": trace.selected == 1 ? "trace selected" : "trace"],
            [
                Markup(
                    "h3", [:],
                    [Markup("Sample \(trace.sample)\(trace.selected == 1 ? ", selected" : "")")]),
                Markup("p", ["class": "dim"], [Markup(facts)]),
                Markup("p", ["class": "tokens"], Self.coloured(trace.trace, tokens)),
            ]
                + (sum.map {
                    [
                        Markup(
                            "p", ["class": "dim"],
                            [Markup("sum of log-ratios \(Self.number($0))")])
                    ]
                } ?? []))
    }

    /// The text in pieces by token; as it is if the tokens do not cover it.
    static func coloured(_ text: String, _ tokens: [TokenRatio]) -> [Markup] {
        let bytes = Array(text.utf8)
        let ends = tokens.compactMap(\.end)
        guard ends.count == tokens.count, ends.first ?? 0 >= 0, ends.last == bytes.count,
            ends == ends.sorted()
        else {
            return [Markup(text)]
        }
        var start = 0
        return tokens.map { token in
            let end = token.end ?? start
            defer { start = end }
            let piece = String(decoding: bytes[start..<end], as: UTF8.self)
            let values = [
                ("prior", token.prior), ("posterior", token.posterior), ("ratio", token.ratio),
            ].map { "\($0) \($1.map(number) ?? "none")" }
            return Markup(
                "span",
                ["class": "ratio\(level(token.ratio))", "title": values.joined(separator: ", ")],
                [Markup(piece)])
        }
    }

    /// From -4, where the posterior prefers the token by 3 nats or more, to 4.
    static func level(_ ratio: Double?) -> Int {
        guard let ratio, ratio.isFinite else { return 0 }
        return Int((min(3, max(-3, ratio)) / 0.75).rounded())
    }

    private static func number(_ value: Double) -> String {
        SQLValue.real((value * 1000).rounded() / 1000).text
    }
}
