import Reasoning
import VariationalInference

/// A model of an experiment with its answers to questions in all replicates, such as seeds.
struct Arm: Hashable {
    /// The answers to a question.
    struct Tally: Hashable {
        var correct = 0
        var samples = 0
    }

    struct Replicate: Hashable {
        var number: Int?
        var tallies: [String: Tally]
    }

    let label: String
    var replicates: [Replicate]

    /// The smallest number of answers per question.
    var samples: Int {
        replicates.flatMap { $0.tallies.values.map(\.samples) }.min() ?? 0
    }

    /// The measure of an arm.
    enum Measure: Hashable {
        case average
        case pass(Int)

        func value(_ tally: Tally) -> Double {
            switch self {
            case .average: Double(tally.correct) / Double(max(1, tally.samples))
            case .pass(let k): passAtK(correct: tally.correct, samples: tally.samples, k: k) ?? 0
            }
        }
    }

    /// The measurements for the questions of a level, or for all.
    func measurements(_ measure: Measure, _ scope: Scope) -> Measurements {
        Measurements(
            label, within: 0...1,
            replicates.map { replicate in
                Measurements.Replicate(
                    replicate.number,
                    replicate.tallies.filter { scope.contains($0.key) }.mapValues(measure.value))
            })
    }
}

/// The questions that a figure covers.
struct Scope: Hashable {
    /// `nil` for all levels.
    let level: Int?
    private let levels: [String: Int]

    init(level: Int? = nil, of levels: [String: Int] = [:]) {
        self.level = level
        self.levels = levels
    }

    func contains(_ question: String) -> Bool { level == nil || levels[question] == level }

    /// All questions, and those of each level.
    static func each(of levels: [String: Int]) -> [Scope] {
        [Scope()] + Set(levels.values).sorted().map { Scope(level: $0, of: levels) }
    }

    /// All questions, and those of the hardest level among `questions`.
    static func hardest(of levels: [String: Int], among questions: some Sequence<String>) -> [Scope]
    {
        let hardest = questions.compactMap { levels[$0] }.max()
        return [Scope()] + (hardest.map { [Scope(level: $0, of: levels)] } ?? [])
    }
}

/// The fields of a line of `rollouts.jsonl` that claims and selections need.
package struct Outcome: Decodable, Hashable, ArtifactRecord {
    package static let fileName = Rollout.fileName

    package let question: String
    let correct: Bool
}
