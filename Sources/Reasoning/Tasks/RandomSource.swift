import Files

/// Random numbers as a function of a seed, of labels that name their purpose, and of the number of draws. The
/// bits are the same on every machine and with every version of Swift, which the standard library does not
/// guarantee for `shuffled(using:)` and `random(in:using:)`. `CounterRandom` of the engine and `SplitMix64` of the
/// estimators have sequences of their own, on which results depend.
package struct RandomSource: RandomNumberGenerator, Hashable, Sendable {
    private let key: UInt64
    private var drawn: UInt64 = 0

    /// A label of a stream, such as `"demonstration"` or `3`.
    package enum Label: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral
    {
        case text(String)
        case number(Int)

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int) { self = .number(value) }
    }

    /// A stream of numbers. Other labels or seeds give independent streams.
    package init(seed: Int, _ labels: Label...) {
        key = labels.reduce(UInt64(bitPattern: Int64(seed)).mixed) {
            ($0 ^ Self.bits(of: $1)).mixed
        }
    }

    package mutating func next() -> UInt64 {
        drawn &+= 1
        return (key ^ (key &+ drawn &* Self.step).mixed).mixed
    }

    /// A uniform number in `0 ..< bound`, without modulo bias (Lemire 2019).
    package mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "a random number below \(bound) does not exist")
        let bound = UInt64(bound)
        var product = bound.multipliedFullWidth(by: next())
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = bound.multipliedFullWidth(by: next()) }
        }
        return Int(product.high)
    }

    /// A uniform number in [0, 1) with 53 random bits.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// `true` with this probability.
    package mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// One of `elements`, which must not be empty.
    package mutating func element<Element>(of elements: [Element]) -> Element {
        elements[integer(below: elements.count)]
    }

    /// Shuffles `elements` uniformly (Fisher and Yates).
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, integer(below: last + 1))
        }
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func bits(of label: Label) -> UInt64 {
        switch label {
        case .number(let number): (UInt64(bitPattern: Int64(number)) &+ step).mixed
        // FNV-1a over the UTF-8 bytes.
        case .text(let text):
            text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }.mixed
        }
    }
}
