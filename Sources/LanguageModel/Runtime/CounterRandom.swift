import Foundation

/// Random numbers as a function of (seed, stream, position). There is no state, so they depend neither on the
/// order of the work nor on interruptions.
public struct CounterRandom: Sendable {
    private let key: UInt64

    /// The numbers of a seed and nested streams, such as (seed, question, sample).
    public init(seed: UInt64, streams: UInt64...) {
        key = streams.reduce(Self.mixed(seed)) {
            Self.mixed($0 ^ Self.mixed($1 &+ 0x9E37_79B9_7F4A_7C15))
        }
    }

    /// 64 random bits for `position`.
    public func bits(_ position: UInt64) -> UInt64 {
        Self.mixed(key &+ (position &+ 1) &* 0x9E37_79B9_7F4A_7C15)
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

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
