import Pipeline
import Reasoning

/// The weighted traces that a stage learns from: with `weighting: argmax` the best trace of each question with
/// weight 1, otherwise all with their normalised weights.
struct SelectedTraces {
    enum Weighting: String, CaseIterable {
        case argmax
        case normalized
    }

    static let weighting = Option(
        "weighting", Weighting.self, default: .argmax,
        "Whether to use the best trace of a question with weight 1, or every trace with its normalised weight."
    )

    struct Member {
        /// The weight record.
        let weighed: Weight
        let trace: Trace
        let weight: Double
    }

    let members: [Member]

    /// All weights, including those of traces that are not selected.
    let weights: [Weight]

    /// Throws if a weighted trace is not among the traces.
    init(_ options: Options, weights directory: String, traces directories: [String]) throws {
        let traces = try JSONLines.read(Trace.self, in: directories).byTrace("traces")
        let isBest = options[Self.weighting] == .argmax
        weights = try JSONLines.read(Weight.self, in: directory)
        members = try weights.filter { isBest ? $0.selected : $0.weight > 0 }.map { weighed in
            guard let trace = traces[weighed.key] else {
                throw WeighingError.missingTrace(question: weighed.question, sample: weighed.sample)
            }
            return Member(weighed: weighed, trace: trace, weight: isBest ? 1 : weighed.weight)
        }
    }
}
