import Foundation
import JSON

/// The metrics that engines on the trainer of transformers write: lines of `trainer_log.jsonl` as they come, and
/// `log_history` of `trainer_state.json` with every checkpoint. Both repeat values; the last value of a step counts.
package struct TrainerMetrics {
    package struct Point: Hashable {
        package let name: String
        package let step: Int
        package let value: Double

        package init(name: String, step: Int, value: Double) {
            self.name = name
            self.step = step
            self.value = value
        }
    }

    /// The step from which this attempt goes on; earlier values are already recorded.
    private let start: Int
    private var values: [String: [Int: Double]] = [:]

    package init(after start: Int) { self.start = start }

    /// The names that `train.sft` and `train.rl` give to the same metrics.
    private static let names = [
        "lr": "learning_rate", "grad_norm": "gradient_norm", "eval_loss": "validation_loss",
        "completions/mean_length": "rollout_tokens", "completions/clipped_ratio": "truncated",
        "frac_reward_zero_std": "degenerate_groups", "clip_ratio/region_mean": "clip_fraction",
    ]

    /// Numbers that are no metrics: the place in the training, and speeds.
    private static let dropped = [
        "step", "current_steps", "total_steps", "epoch", "percentage", "step_time",
    ]
    private static let droppedSuffixes = ["_runtime", "_per_second", "_flos"]

    /// The new or changed values in a line of `trainer_log.jsonl`; none if the line is cut.
    package mutating func read(line: Data) -> [Point] {
        guard let entry = PythonJSON.value(line), case .integer(let step)? = entry["current_steps"]
        else { return [] }
        return points(in: entry, step)
    }

    /// The new or changed values in a `trainer_state.json`.
    package mutating func read(state: JSONValue) -> [Point] {
        guard case .array(let entries)? = state["log_history"] else { return [] }
        return entries.flatMap { entry -> [Point] in
            guard case .integer(let step)? = entry["step"] else { return [] }
            return points(in: entry, step)
        }
    }

    private mutating func points(in entry: JSONValue, _ step: Int) -> [Point] {
        guard step > start, case .object(let fields) = entry else { return [] }
        return fields.sorted { $0.key < $1.key }.compactMap { field, value in
            let isDropped =
                Self.dropped.contains(field) || field.hasPrefix("train_")
                || Self.droppedSuffixes.contains { field.hasSuffix($0) }
            guard !isDropped, let number = Self.number(value) else { return nil }
            let name = Self.names[field] ?? field
            // TRL adds least and greatest values of its metrics under names with a slash.
            guard !name.contains("/") else { return nil }
            guard values[name]?[step]?.bitPattern != number.bitPattern else { return nil }
            values[name, default: [:]][step] = number
            return Point(name: name, step: step, value: number)
        }
    }

    /// A number, also one that is not finite.
    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .string("nan"): .nan
        case .string("inf"): .infinity
        case .string("-inf"): -.infinity
        default: nil
        }
    }
}
