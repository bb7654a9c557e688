import Report

/// A message about a stage or the run that stays on the screen.
package enum Notice: Hashable, Sendable {
    case cached(String)
    case fetched(String, remote: String)
    case waiting(String, runner: String)
    case started(String, reason: String)
    /// Stages became, or were already, tasks of a job of a batch system.
    case submitted([String], job: String, isNew: Bool)
    case resumed(String, step: Int)

    /// `amount` is the completed work, such as `100 steps`.
    case finished(String, amount: String?, seconds: Double)
    case failed(String, error: String, log: String)
    /// `retry` of `count` begins after `pause` seconds.
    case failedForNow(String, error: String, retry: Int, count: Int, pause: Double)
    case cancelled(String)
    /// Its task stays in the queue of the batch system.
    case left(String)
    case skipped(String, reason: String)
    case remark(String)

    /// `prior: finished in 4.1 s`
    package var plainLine: String {
        switch self {
        case .cached(let id): "\(id): cached"
        case .fetched(let id, let remote): "\(id): fetched from the remote \(remote)"
        case .waiting(let id, let runner):
            "\(id): waiting for \(runner.onOneLine), which is running it"
        case .started(let id, let reason): "\(id): started (\(reason.onOneLine))"
        case .submitted(let ids, let job, let isNew): Self.submitted(ids, job, isNew)
        case .resumed(let id, let step): "\(id): resumed after step \(step)"
        case .finished(let id, _, let seconds):
            "\(id): finished in \(Elapsed(seconds: seconds).text)"
        case .failed(let id, let error, let log): "\(id): failed: \(error.onTerminal) (log: \(log))"
        case .failedForNow(let id, let error, let retry, let count, let pause):
            "\(id): failed: \(error.onTerminal); \(Self.again(retry, count, pause))"
        case .cancelled(let id): "\(id): \(Self.stopped)"
        case .left(let id): "\(id): \(Self.left)"
        case .skipped(let id, let reason): "\(id): skipped, because \(reason.onOneLine)"
        case .remark(let line): line.onTerminal
        }
    }

    /// `vireo: 20 tasks submitted as job 123 (part[…])`
    private static func submitted(_ ids: [String], _ job: String, _ isNew: Bool) -> String {
        let tasks = ids.count == 1 ? "1 task" : "\(ids.count) tasks"
        let text =
            isNew
            ? "\(tasks) submitted as job \(job)"
            : "waiting for \(tasks) of job \(job), submitted before"
        return "vireo: \(text) (\(list(ids)))".onOneLine
    }

    /// `part[…], train`: the instances of a matrix together, and at most four names.
    private static func list(_ ids: [String]) -> String {
        var groups: [(name: String, ids: [String])] = []
        var places: [String: Int] = [:]
        for id in ids {
            let name = id.replacing(/\[[^\]]*\]/, with: "[…]")
            if let place = places[name] {
                groups[place].ids.append(id)
            } else {
                places[name] = groups.count
                groups.append((name, [id]))
            }
        }
        let names = groups.prefix(4).map { $0.ids.count == 1 ? $0.ids[0] : $0.name }
        let more = groups.count > 4 ? [" and \(groups.count - 4) more"] : []
        return ([names.joined(separator: ", ")] + more).joined()
    }

    private static func again(_ retry: Int, _ count: Int, _ pause: Double) -> String {
        "retrying in \(Elapsed(seconds: pause).text) (\(retry) of \(count))"
    }

    private static let stopped = "stopped; the next run resumes it"
    private static let left = "its task stays in the queue; the next run waits for it"

    /// `✓ prior  100 steps  4.1 s`; `nil` for events that the line of the running stage already shows.
    package func terminalLine(nameWidth: Int, style: Style) -> String? {
        func name(_ id: String) -> String { id.onOneLine.padded(to: nameWidth) }
        switch self {
        case .started, .resumed: return nil
        case .cached(let id): return style.dim("= \(name(id))  cached")
        case .fetched(let id, let remote):
            return style.dim("= \(name(id))  fetched from the remote \(remote)")
        case .waiting(let id, let runner):
            return style.dim("~ \(name(id))  waiting for \(runner.onOneLine), which is running it")
        case .finished(let id, let amount, let seconds):
            let amount = amount.map { "  \($0.onOneLine)" } ?? ""
            return "\(style.green("✓")) \(name(id))\(amount)  \(Elapsed(seconds: seconds).text)"
        case .failed(let id, let error, let log):
            return
                "\(style.red("✗")) \(name(id))  \(error.onTerminal)\n    full log: \(log.onOneLine)"
        case .failedForNow(let id, let error, let retry, let count, let pause):
            let again = Self.again(retry, count, pause)
            return "\(style.red("✗")) \(name(id))  \(error.onTerminal)\n    \(again)"
        case .cancelled(let id): return "\(style.red("■")) \(name(id))  \(Self.stopped)"
        case .left(let id): return "\(style.dim("~")) \(name(id))  \(Self.left)"
        case .skipped(let id, let reason):
            return style.dim("- \(name(id))  skipped, because \(reason.onOneLine)")
        case .submitted, .remark: return plainLine
        }
    }
}
