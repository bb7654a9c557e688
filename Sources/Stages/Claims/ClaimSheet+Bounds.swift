import VariationalInference

extension ClaimSheet {
    /// The least log rho of a trace: a bound of traces that no correct answer can follow is minus infinity.
    private static let floor = -60.0

    /// T1 on trained models: from exact weights of a posterior's traces, and from those of the prior's own, whose mean
    /// is P(Y_x|x); of every replicate. Every K has traces of its own: on the same traces the bound could not but
    /// grow.
    mutating func addBounds(_ replicates: [[Weight]], evidence: [[Weight]]) throws {
        let logRho = replicates.map(Self.logRho)
        let count = logRho.joined().map(\.value.count).min() ?? 0
        let sizes = (0..<20).map { 1 << $0 }.filter { 2 * $0 - 1 <= count }
        let bounds = sizes.map { k in
            Self.measurements("L^\(k)", logRho) { $0[k - 1..<2 * k - 1] }
        }
        let steps = try zip(bounds, bounds.dropFirst()).compactMap { less, more in
            try Estimate(more, minus: less)
        }
        guard let least = steps.min(by: { $0.interval.value < $1.interval.value }),
            let first = sizes.first, let last = sizes.last, let largest = bounds.last
        else { return leaveOut(.t1, "on trained models", needs: ClaimText.threeTraces) }
        add(.t1, .trainedBoundGrows(from: first, to: last), least, unit: "nats") {
            Finding($0, above: 0)
        }
        guard !evidence.isEmpty else {
            return leaveOut(.t1, "on the evidence of trained models", needs: "`evidence`")
        }
        let whole = Self.measurements("log P(Y_x|x)", evidence.map(Self.logRho)) { $0[...] }
        guard let gap = try Estimate(whole, minus: largest) else {
            return leaveOut(
                .t1, "on the evidence of trained models", needs: ClaimText.twoQuestions(nil))
        }
        add(.t1, .trainedBoundIsBelow(last), gap, unit: "nats") { Finding($0, above: 0) }
    }

    /// Of each question's traces, by their number.
    private static func logRho(_ weights: [Weight]) -> [String: [Double]] {
        Dictionary(grouping: weights, by: \.question).mapValues { traces in
            traces.sorted { $0.sample < $1.sample }.map { max(floor, $0.log_rho ?? floor) }
        }
    }

    private static func measurements(
        _ name: String, _ replicates: [[String: [Double]]],
        _ part: ([Double]) -> ArraySlice<Double>
    ) -> Measurements {
        Measurements(
            name,
            replicates.enumerated().map { number, questions in
                .init(
                    number, questions.compactMapValues { MultiTraceBound.value(logRho: part($0)) })
            })
    }
}
