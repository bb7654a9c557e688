import Report

/// Something about a stage that stays on the screen.
package enum Notice: Hashable, Sendable {
    case cached(String)
    case started(String, reason: String)
    case resumed(String, step: Int)

    /// `amount` is what was done, such as `100 steps`.
    case finished(String, amount: String?, seconds: Double)
    case failed(String, error: String, log: String)
    case cancelled(String)
    case skipped(String, reason: String)

    private var stage: String {
        switch self {
        case .cached(let id), .started(let id, _), .resumed(let id, _), .finished(let id, _, _),
            .failed(let id, _, _), .cancelled(let id), .skipped(let id, _):
            id
        }
    }

    /// `prior: finished in 4.1 s`
    package var plainLine: String {
        "\(stage): \(plainWords)"
    }

    private var plainWords: String {
        switch self {
        case .cached: "cached"
        case .started(_, let reason): "started, because \(reason)"
        case .resumed(_, let step): "goes on after step \(step)"
        case .finished(_, _, let seconds): "finished in \(Elapsed(seconds: seconds).text)"
        case .failed(_, let error, let log): "failed: \(error) (log: \(log))"
        case .cancelled: "stopped; it goes on from here next time"
        case .skipped(_, let reason): "skipped, because \(reason)"
        }
    }

    /// `✓ prior  100 steps  4.1 s`; `nil` for what the line of a running stage shows anyway.
    package func terminalLine(nameWidth: Int, style: Style) -> String? {
        let name = stage.padded(to: nameWidth)
        switch self {
        case .started, .resumed: return nil
        case .cached: return style.dim("= \(name)  cached")
        case .finished(_, let amount, let seconds):
            let amount = amount.map { "  \($0)" } ?? ""
            return "\(style.green("✓")) \(name)\(amount)  \(Elapsed(seconds: seconds).text)"
        case .failed(_, let error, let log):
            return "\(style.red("✗")) \(name)  \(error)\n    the whole log: \(log)"
        case .cancelled: return "\(style.red("■")) \(name)  stopped; it goes on from here next time"
        case .skipped(_, let reason): return style.dim("- \(name)  skipped, because \(reason)")
        }
    }
}
