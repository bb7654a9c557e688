import Foundation

/// Maps numbers to positions along an axis with round ticks.
package struct Axis: Hashable, Sendable {
    package enum Scale: Hashable, Sendable {
        case linear

        /// Logarithmic with base 2 and ticks at powers of 2, for positive numbers.
        case binary
    }

    package let scale: Scale
    package let ticks: [Double]

    /// The ends; logarithms on a binary scale.
    private let low: Double
    private let high: Double
    private let decimals: Int

    /// An axis that covers all of `values` that it can show, with about `count` ticks.
    package init(_ values: [Double], _ scale: Scale = .linear, count: Int = 5) {
        self.scale = scale
        let shown = values.filter {
            ($0 == 0 || 1e-100..<1e100 ~= $0.magnitude) && (scale == .linear || $0 > 0)
        }
        let least = shown.min() ?? 0
        let most = shown.max() ?? 1
        switch scale {
        case .linear:
            let padding = least == most ? max(least.magnitude / 10, 0.5) : 0
            let step = Self.roundStep((most - least + 2 * padding) / Double(count))
            low = ((least - padding) / step).rounded(.down) * step
            high = ((most + padding) / step).rounded(.up) * step
            let low = low
            ticks = (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step }
            decimals = max(0, -Int(log10(step * 1.001).rounded(.down)))
        case .binary:
            low = log2(max(least, 1e-9)).rounded(.down)
            high = max(low + 1, log2(max(most, 1e-9)).rounded(.up))
            let step = ((high - low) / Double(count + 1)).rounded(.up)
            ticks = stride(from: low, through: high, by: step).map(exp2)
            decimals = low < 0 ? Int(min(9, -low)) : 0
        }
    }

    /// The position from 0 at the start to 1 at the end of the axis; `nil` if the value is outside.
    package func place(_ value: Double) -> Double? {
        let place = ((scale == .linear ? value : log2(value)) - low) / (high - low)
        return place >= -1e-9 && place <= 1 + 1e-9 ? place : nil
    }

    package func label(_ tick: Double) -> String {
        guard decimals <= 9, tick.magnitude < 1e7 else { return String(format: "%.1e", tick) }
        return tick.fixed(decimals)
    }

    /// The smallest of 1, 2 and 5 times a power of ten that is at least `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        return ([1, 2, 5].first { $0 * power >= step * 0.999 } ?? 10) * power
    }
}
