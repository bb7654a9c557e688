/// A number that is known before a run, at least as an upper bound, or not.
package struct Amount: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// `nil` if the number is unknown.
    package let value: Double?

    package init(_ value: Double?) { self.value = value }

    package init(_ value: Int?) { self.value = value.map { Double($0) } }

    package init(integerLiteral value: Int) { self.init(value) }

    package static let unknown = Amount(Double?.none)

    package static func + (left: Amount, right: Amount) -> Amount {
        guard let first = left.value, let second = right.value else { return .unknown }
        return Amount(first + second)
    }

    package static func * (left: Amount, right: Amount) -> Amount {
        if left == 0 || right == 0 { return 0 }
        guard let first = left.value, let second = right.value else { return .unknown }
        return Amount(first * second)
    }

    /// 0 divided by 0 is 0.
    package static func / (left: Amount, right: Amount) -> Amount {
        if left == 0 { return 0 }
        guard let first = left.value, let second = right.value, second > 0 else { return .unknown }
        return Amount(first / second)
    }

    package static func += (left: inout Amount, right: Amount) { left = left + right }

    /// The smaller one; the known one if the other is unknown.
    package func atMost(_ limit: Amount) -> Amount {
        guard let value, let bound = limit.value else { return value == nil ? limit : self }
        return value <= bound ? self : limit
    }

    /// `other` if this is unknown.
    package func or(_ other: Amount) -> Amount { value == nil ? other : self }
}
