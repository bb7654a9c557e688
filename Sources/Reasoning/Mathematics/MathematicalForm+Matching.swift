extension MathematicalForm {
    /// The maximum number of elements that are compared pairwise.
    private static let searchLimit = 64

    /// Whether this answer equals the reference answer `wanted`, under `options`.
    func matches(_ wanted: MathematicalForm, _ options: BoxedOptions) -> Bool {
        if self == wanted { return !options.isOrdered || isInOrder(of: wanted) }
        if isPercentage(of: wanted, options) { return true }
        guard options.tolerance > 0 else { return false }
        if let value = number?.value.approximation, let other = wanted.number?.value.approximation {
            return abs(value - other) <= options.tolerance * abs(other)
        }
        guard kind == wanted.kind, frame == wanted.frame, !parts.isEmpty,
            parts.count == wanted.parts.count
        else { return false }
        guard kind == .list, !options.isOrdered else {
            return zip(parts, wanted.parts).allSatisfy { $0.matches($1, options) }
        }
        guard parts.count <= Self.searchLimit else { return false }
        var rest = wanted.parts
        return parts.allSatisfy { part in
            guard let place = rest.firstIndex(where: { part.matches($0, options) }) else {
                return false
            }
            rest.remove(at: place)
            return true
        }
    }

    /// Whether this may be the reference answer `wanted` as decimals: numbers close to ones with an infinite
    /// decimal expansion. Graders differ on the required precision.
    func mayBeRounding(of wanted: MathematicalForm) -> Bool {
        wanted.isEndless && !isEndless
            && matches(wanted, BoxedOptions(tolerance: 0.005, hasFractions: false))
    }

    /// Whether the value has an infinite decimal expansion.
    private var isEndless: Bool {
        guard let number else { return parts.contains(where: \.isEndless) }
        guard var denominator = number.value.rational?.denominator else { return true }
        for prime: Int128 in [2, 5] {
            while denominator.isMultiple(of: prime) { denominator /= prime }
        }
        return denominator > 1
    }

    private func isInOrder(of wanted: MathematicalForm) -> Bool {
        kind != .list || isSet || wanted.isSet || parts == wanted.parts
    }

    /// Whether one value is a percentage and the other its fraction: 50\% equals 50, and also 0.5.
    private func isPercentage(of wanted: MathematicalForm, _ options: BoxedOptions) -> Bool {
        guard options.hasFractions, let (value, isPercentage) = number,
            let (other, isOther) = wanted.number, isPercentage != isOther,
            let hundred = ExactValue.whole(100)
        else { return false }
        return isPercentage
            ? other.multiplied(by: hundred) == value : value.multiplied(by: hundred) == other
    }
}
