import Foundation

/// Linear warm-up to a peak, then a way down to a fraction of it, or none.
public struct LearningRateSchedule: Hashable, Sendable {
    /// How the rate falls after the warm-up.
    public enum Shape: String, Hashable, Sendable, CaseIterable {
        /// Half a cosine.
        case cosine
        /// A straight line.
        case linear
        /// Not at all: the floor does not count.
        case constant
    }

    /// The highest rate.
    public var peak: Double
    /// Steps of warm-up.
    public var warmup: Int
    /// Steps in all.
    public var steps: Int
    /// The last rate as a fraction of the peak.
    public var floor: Double
    /// The way from the peak to the floor.
    public var shape: Shape

    /// A schedule; `floor` is 0.1 in the paper's small-scale recipe.
    public init(
        peak: Double, warmup: Int, steps: Int, floor: Double = 0.1, shape: Shape = .cosine
    ) {
        self.peak = peak
        self.warmup = warmup
        self.steps = steps
        self.floor = floor
        self.shape = shape
    }

    /// The rate of step `step`, counted from 0.
    public func rate(at step: Int) -> Double {
        guard step >= warmup else { return peak * Double(step + 1) / Double(warmup) }
        // The last step has the last rate.
        let progress = min(1, Double(step - warmup) / Double(max(1, steps - warmup - 1)))
        return switch shape {
        case .cosine: peak * (floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress)))
        case .linear: peak * (floor + (1 - floor) * (1 - progress))
        case .constant: peak
        }
    }
}
