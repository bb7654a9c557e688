import Reasoning
import VariationalInference

/// The analysis of the traces of one posterior at its last step.
struct PosteriorTraces {
    var tokens: Measurements
    /// The lengths at step 0; `nil` if a replicate has none.
    var tokensBefore: Measurements?
    var leaks: Measurements
    var trulyRight: Measurements

    /// The last step of every replicate.
    let steps: [Int]

    /// From one table of summaries per replicate and step. Throws if two have the same replicate and step.
    init(_ name: String, _ tables: [[SummaryRecord]]) throws {
        var start: [Int?: [SummaryRecord]] = [:]
        var last: [Int?: [SummaryRecord]] = [:]
        var seen: Set<[Int?]> = []
        for table in tables {
            guard let row = table.first else { continue }
            guard seen.insert([row.replicate, row.step]).inserted else {
                throw StudyError.repeatedSummaries(name, replicate: row.replicate, step: row.step)
            }
            if (last[row.replicate]?.first?.step ?? -1) < row.step { last[row.replicate] = table }
            if row.step == 0 { start[row.replicate] = table }
        }
        func measurements(
            _ tables: [Int?: [SummaryRecord]], within range: ClosedRange<Double>? = nil,
            _ value: (SummaryRecord) -> Double
        ) -> Measurements {
            Measurements(
                name, within: range,
                tables.map { number, table in
                    .init(
                        number,
                        Dictionary(grouping: table, by: \.question).mapValues { traces in
                            traces.reduce(0) { $0 + value($1) } / Double(traces.count)
                        })
                })
        }
        tokens = measurements(last) { Double($0.tokens) }
        tokensBefore =
            last.keys == start.keys ? measurements(start) { Double($0.tokens) } : nil
        leaks = measurements(last, within: 0...1) { $0.leaks ? 1 : 0 }
        trulyRight = measurements(last, within: 0...1) { $0.trulyRight ? 1 : 0 }
        steps = Set(last.values.compactMap { $0.first?.step }).sorted()
    }
}

/// The variety of the traces of one posterior, from one list of traces per replicate.
struct TraceVariety {
    let entropy: Measurements
    let distinct: Measurements

    init(_ name: String, _ replicates: [[Trace]]) {
        func measurements(_ value: ([Trace]) -> Double) -> Measurements {
            Measurements(
                name,
                replicates.enumerated().map { number, traces in
                    .init(number, Dictionary(grouping: traces, by: \.question).mapValues(value))
                })
        }
        entropy = measurements { traces in
            -traces.reduce(0) { $0 + $1.logProbability } / Double(traces.count)
        }
        distinct = measurements { Double(Set($0.map(\.trace)).count) / Double($0.count) }
    }
}

extension ClaimSheet {
    /// T6: the difference of the posteriors trained by forward KL and by reverse KL.
    mutating func addPosteriors(
        forward: [[SummaryRecord]], reverse: [[SummaryRecord]]
    ) throws {
        let forward = try PosteriorTraces(ClaimInput.forward.name, forward)
        let reverse = try PosteriorTraces(ClaimInput.reverse.name, reverse)
        let steps = ClaimText.steps(forward.steps, reverse.steps)
        if let before = reverse.tokensBefore {
            try add(
                .reverseShrinks(ClaimText.steps(reverse.steps, reverse.steps)), reverse.tokens,
                before, unit: "tokens", .below(0))
        } else {
            leaveOut(.t6, "on shorter traces", needs: "step 0 in `reverse`")
        }
        try add(
            .reverseShortens(steps), forward.tokens, reverse.tokens, unit: "tokens", .above(0))
        try add(
            .reverseLeaks(steps), forward.leaks, reverse.leaks, factor: 100, unit: "points",
            .below(0))
        try add(
            .forwardIsRight(steps), forward.trulyRight, reverse.trulyRight, factor: 100,
            unit: "points", .above(0))
    }

    /// T6: variety, which reverse KL reduces.
    mutating func addVariety(forward: [[Trace]], reverse: [[Trace]]) throws {
        let forward = TraceVariety(ClaimInput.forwardTraces.name, forward)
        let reverse = TraceVariety(ClaimInput.reverseTraces.name, reverse)
        try add(.forwardVaries, forward.entropy, reverse.entropy, unit: "nats", .above(0))
        try add(
            .forwardDiffers, forward.distinct, reverse.distinct, factor: 100, unit: "points",
            .above(0))
    }

    private mutating func add(
        _ text: ClaimText, _ first: Measurements, _ second: Measurements, factor: Double = 1,
        unit: String, _ hypothesis: Hypothesis
    ) throws {
        guard let estimate = try Estimate(first, minus: second) else {
            return leaveOut(.t6, needs: ClaimText.twoQuestions(nil))
        }
        add(.t6, text, estimate.times(factor), unit: unit, hypothesis)
    }
}
