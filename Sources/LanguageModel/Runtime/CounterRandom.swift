import Files
import Foundation

/// Random numbers as a function of (seed, stream, position). There is no state, so they depend neither on the
/// order of the work nor on interruptions.
public struct CounterRandom: Sendable {
    private let key: UInt64

    /// The numbers of a seed and nested streams, such as (seed, question, sample).
    public init(seed: UInt64, streams: UInt64...) {
        key = streams.reduce(seed.mixed) { ($0 ^ ($1 &+ 0x9E37_79B9_7F4A_7C15).mixed).mixed }
    }

    /// 64 random bits for `position`.
    public func bits(_ position: UInt64) -> UInt64 {
        (key &+ (position &+ 1) &* 0x9E37_79B9_7F4A_7C15).mixed
    }

    /// A uniform number in [0, 1) for `position`.
    public func unit(_ position: UInt64) -> Float {
        Float(bits(position) >> 40) * 0x1p-24
    }

    /// A standard normal number for `position`, by the Box-Muller transform.
    public func normal(_ position: UInt64) -> Double {
        let a = (Double(bits(2 &* position) >> 11) + 0.5) * 0x1p-53
        let b = Double(bits(2 &* position &+ 1) >> 11) * 0x1p-53
        return (-2 * log(a)).squareRoot() * cos(2 * .pi * b)
    }
}
