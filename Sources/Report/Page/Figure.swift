import Store

/// A chart of a report: its texts, the query for its points, and how they are drawn.
package struct Figure: Hashable, Sendable {
    enum Shape: Hashable, Sendable {
        /// Rows of dots with intervals, one row per series.
        case dots

        /// Rows of bars that start at zero, with these names.
        case bars(rows: [String])

        /// Lines over an axis. Panels share a vertical axis if they show one quantity.
        case lines(Axis.Scale, isOneQuantity: Bool)
    }

    let title: String
    let note: String
    let xTitle: String
    let yTitle: String
    let shape: Shape
    package let query: ReportQuery
}

extension Figure {
    package static let accuracy = Figure(
        title: "Accuracy by level and arm",
        note: "Dots are means, lines are 95 % intervals: over replicates if an arm has several, "
            + "otherwise clustered by question.",
        xTitle: "correct completions, %", yTitle: "", shape: .dots, query: .accuracyChart)

    package static let pass = Figure(
        title: "pass@k",
        note: "The probability of a correct answer among k completions, with 95 % interval.",
        xTitle: "completions k", yTitle: "pass@k, %",
        shape: .lines(.binary, isOneQuantity: true), query: .passChart)

    package static let bound = Figure(
        title: "The multi-trace bound",
        note: "L^K by the number of traces K, with 95 % interval over questions.",
        xTitle: "traces K", yTitle: "L^K, nats", shape: .lines(.binary, isOneQuantity: true),
        query: .boundChart)

    package static let weights = Figure(
        title: "Normalised weights",
        note:
            "The share of traces with a weight in each tenth, by stage, estimator of the answer's "
            + "likelihood, ratio of trace probabilities and number of traces K per question.",
        xTitle: "traces, %", yTitle: "",
        shape: .bars(
            rows: (0..<10).map {
                "\((Double($0) / 10).fixed(1)) to \((Double($0 + 1) / 10).fixed(1))"
            }), query: .weightChart)

    package static let effectiveSize = Figure(
        title: "Effective sample size by length",
        note: "The effective sample size as a share of the traces of a question, for tenths "
            + "of the questions by the mean length of their traces.",
        xTitle: "mean tokens of a question's traces", yTitle: "effective share of traces",
        shape: .lines(.linear, isOneQuantity: true), query: .effectiveSizeChart)

    package static let gradientMass = Figure(
        title: "Gradient mass by accuracy",
        note: "The weight on grad log P(Y_x|x) by the questions' mean accuracy under the prior, "
            + "with 95 % interval over questions, and the exact curve of the same questions for a "
            + "method that has one.",
        xTitle: "accuracy of the prior", yTitle: "weight on grad log P",
        shape: .lines(.linear, isOneQuantity: true), query: .gradientChart)

    package static let posterior = Figure(
        title: "Training a posterior",
        note: "The traces of a posterior over its training. Bars span the replicates.",
        xTitle: "training step", yTitle: "", shape: .lines(.linear, isOneQuantity: false),
        query: .posteriorChart)

    package static let learning = Figure(
        title: "Reinforcement learning",
        note:
            "By optimizer step. Of the points in a column of pixels, the least and the greatest are drawn.",
        xTitle: "optimizer step", yTitle: "", shape: .lines(.linear, isOneQuantity: false),
        query: .learningChart)
}
