import Foundation

/// Linear warm-up to a peak, then a cosine down to a fraction of it.
public struct LearningRateSchedule: Hashable, Sendable {
    /// The highest rate.
    public var peak: Double
    /// Steps of warm-up.
    public var warmup: Int
    /// Steps in all.
    public var steps: Int
    /// The last rate as a fraction of the peak.
    public var floor: Double

    /// A schedule; `floor` is 0.1 in the paper's small-scale recipe.
    public init(peak: Double, warmup: Int, steps: Int, floor: Double = 0.1) {
        self.peak = peak
        self.warmup = warmup
        self.steps = steps
        self.floor = floor
    }

    /// The rate of step `step`, counted from 0.
    public func rate(at step: Int) -> Double {
        guard step >= warmup else { return peak * Double(step + 1) / Double(warmup) }
        let progress = min(1, Double(step - warmup) / Double(max(1, steps - warmup)))
        return peak * (floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress)))
    }
}
