import Report

/// The outcome of a run or stage, with a sign beside its colour.
struct OutcomeMark {
    private let outcome: String

    init(_ outcome: String) { self.outcome = outcome }

    var markup: Markup {
        Markup("span", ["class": "outcome \(outcome)"], [Markup("\(sign) \(outcome)")])
    }

    private var sign: String {
        switch outcome {
        case "done", "ran": "✓"
        case "cached": "="
        case "running": "▶"
        case "queued": "…"
        case "failed": "✗"
        default: "–"
        }
    }
}
