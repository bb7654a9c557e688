import Reasoning

/// The key of a trace: its question and sample number.
struct TraceKey: Hashable {
    let question: String
    let sample: Int
}

/// A record that belongs to a trace.
protocol TraceRow {
    var question: String { get }
    var sample: Int { get }
}

extension TraceRow {
    var key: TraceKey { TraceKey(question: question, sample: sample) }
}

extension Trace: TraceRow {}
extension Score: TraceRow {}
extension Answer: TraceRow {}
extension VerdictRecord: TraceRow {}
extension Weight: TraceRow {}

extension Sequence where Element: TraceRow {
    /// The records by trace. Throws if two belong to one trace; `input` names their source.
    func byTrace(_ input: String) throws -> [TraceKey: Element] {
        try reduce(into: [:]) { rows, row in
            guard rows.updateValue(row, forKey: row.key) == nil else {
                throw StageError.repeatedTrace(
                    input, question: row.question, sample: row.sample)
            }
        }
    }
}
