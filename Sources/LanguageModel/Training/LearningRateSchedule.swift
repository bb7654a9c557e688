import Foundation

/// A learning-rate schedule: linear warm-up to a peak, then an optional decay to a fraction of it.
public struct LearningRateSchedule: Hashable, Sendable {
    /// How the rate decays after the warm-up.
    public enum Shape: String, Hashable, Sendable, CaseIterable {
        /// Half a cosine period.
        case cosine
        /// Linear decay.
        case linear
        /// No decay; the floor is ignored.
        case constant
    }

    /// The highest learning rate.
    public var peak: Double
    /// The number of warm-up steps.
    public var warmup: Int
    /// The total number of steps.
    public var steps: Int
    /// The final rate as a fraction of the peak.
    public var floor: Double
    /// The shape of the decay.
    public var shape: Shape

    /// The default `floor` is that of the paper's small-scale recipe.
    public init(
        peak: Double, warmup: Int, steps: Int, floor: Double = 0.1, shape: Shape = .cosine
    ) {
        self.peak = peak
        self.warmup = warmup
        self.steps = steps
        self.floor = floor
        self.shape = shape
    }

    /// The learning rate of step `step`, counted from 0.
    public func rate(at step: Int) -> Double {
        guard step >= warmup else { return peak * Double(step + 1) / Double(warmup) }
        // The last step has the final rate.
        let progress = min(1, Double(step - warmup) / Double(max(1, steps - warmup - 1)))
        return switch shape {
        case .cosine: peak * (floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress)))
        case .linear: peak * (floor + (1 - floor) * (1 - progress))
        case .constant: peak
        }
    }
}
