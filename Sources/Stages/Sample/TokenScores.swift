import Foundation
import Reasoning

/// The scores of the tokens of traces, which may be larger than memory: a file per part of the work, which are joined at
/// the end.
struct TokenScores {
    private let directory: String

    /// Parts in the directory `work`, which are kept for a later attempt.
    init(work: String) throws {
        directory = work + "/tokens"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    /// Writes the part of the traces with these numbers, atomically. `values` has the log-probabilities of each trace,
    /// and perhaps of an answer after it.
    func write(
        _ part: Range<Int>, of traces: [Trace], _ values: [[Float]], model: some FormattedModel
    ) throws {
        var file = try JSONLinesWriter(path(part.lowerBound))
        for (trace, values) in zip(traces[part], values) {
            try file.append(
                TokenScore(
                    question: trace.question, sample: trace.sample,
                    logProbabilities: values.prefix(trace.tokens), ends: try model.ends(of: trace)))
        }
        try file.finish()
    }

    /// Writes the parts that begin with these traces to the artifact in `output`, in order.
    func join(_ starts: some Sequence<Int>, in output: String) throws {
        var file = try JSONLinesWriter(output + "/" + TokenScore.fileName)
        for start in starts { try file.append(linesOf: path(start)) }
        try file.finish()
    }

    private func path(_ start: Int) -> String { "\(directory)/\(start).jsonl" }
}

extension FormattedModel {
    /// The end of the text of each token of a trace in the text of the trace, in bytes of UTF-8; `nil` if the tokens do
    /// not spell the text, such as that of another program, or with bytes that are not UTF-8.
    fileprivate func ends(of trace: Trace) throws -> [Int]? {
        let (bytes, ends) = try tokenizer.spelling(of: trace.ids, skippingUnknown: true)
        let text = trace.trace.utf8
        guard bytes.starts(with: text) else { return nil }
        // Behind the text is the end mark.
        return ends.map { min($0, text.count) }
    }
}
