import Reasoning
import VariationalInference

extension Arm {
    /// All arms in the order of their labels, from the figures and outcomes of all evaluations. Throws if there
    /// are two evaluations of one arm in one replicate.
    static func all(_ evaluations: [(figures: [Evaluation], outcomes: [Outcome])]) throws -> [Arm] {
        var arms: [Arm] = []
        for (figures, outcomes) in evaluations {
            guard let first = figures.first else { continue }
            var tallies: [String: Tally] = [:]
            for outcome in outcomes {
                tallies[outcome.question, default: Tally()].samples += 1
                if outcome.correct { tallies[outcome.question, default: Tally()].correct += 1 }
            }
            let replicate = Replicate(number: first.replicate, tallies: tallies)
            guard let index = arms.firstIndex(where: { $0.label == first.label }) else {
                arms.append(Arm(label: first.label, replicates: [replicate]))
                continue
            }
            guard !arms[index].replicates.contains(where: { $0.number == first.replicate }) else {
                throw StudyError.repeatedArm(first.label, replicate: first.replicate)
            }
            arms[index].replicates.append(replicate)
        }
        return arms
    }
}

extension ArmRecord {
    /// All figures of all arms over their replicates, in order: the mean with the Student interval. For one
    /// replicate, or for replicates that are identical, the interval is that of the first.
    static func table(_ evaluations: [[Evaluation]]) -> [ArmRecord] {
        struct Key: Hashable {
            let label: String
            let level: Int?
            let measure: String
        }
        var labels: [String] = []
        var order: [String: [Key]] = [:]
        var figures: [Key: [Evaluation]] = [:]
        for figure in evaluations.joined() {
            let key = Key(label: figure.label, level: figure.level, measure: figure.measure)
            if order[figure.label] == nil { labels.append(figure.label) }
            if figures[key] == nil { order[figure.label, default: []].append(key) }
            figures[key, default: []].append(figure)
        }
        return labels.flatMap { order[$0] ?? [] }.compactMap { key in
            guard let all = figures[key], let first = all.first else { return nil }
            let own = Interval(value: first.value, low: first.low, high: first.high)
            let mean = Interval.mean(all.map(\.value))
            let interval = mean.flatMap { $0.hasWidth ? $0 : nil } ?? own
            return ArmRecord(
                label: key.label, level: key.level, measure: key.measure, value: interval.value,
                low: max(0, interval.low), high: min(1, interval.high),
                questions: first.questions, replicates: all.count)
        }
    }
}
