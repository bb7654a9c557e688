import Reasoning
import VariationalInference

/// One model of an experiment in all its replicates, such as seeds, with its answers to questions.
struct Arm: Hashable {
    /// A question's answers.
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

    /// The least answers that a question has.
    var samples: Int {
        replicates.flatMap { $0.tallies.values.map(\.samples) }.min() ?? 0
    }

    /// What an arm is measured by.
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

    /// Of the questions of a level, or of all.
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

/// Questions that a figure is over.
struct Scope: Hashable {
    /// nil for all.
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

    /// All questions, and those of the hardest level of `questions`.
    static func hardest(of levels: [String: Int], among questions: some Sequence<String>) -> [Scope]
    {
        let hardest = questions.compactMap { levels[$0] }.max()
        return [Scope()] + (hardest.map { [Scope(level: $0, of: levels)] } ?? [])
    }
}

/// What claims need of a line of `rollouts.jsonl`.
struct Outcome: Decodable, Hashable {
    let question: String
    let correct: Bool

    /// Those of an artifact.
    static func read(_ directory: String) throws -> [Outcome] {
        try JSONLines.read(Outcome.self, from: directory + "/rollouts.jsonl")
    }
}
