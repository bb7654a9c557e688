/// The range of a variable: `x \in [0,1]`, `1 < x \le 2`, `x > 5`, `-x < 2`, `x < 1 \text{ or } x > 2`.
struct Inequality: Hashable {
    let variable: [UInt8]

    /// The interval as text: `(1,2]`, `(5,\infty )`, or several joined by `\cup`. The text after `\in` is
    /// unchanged.
    let interval: [UInt8]

    /// Whether the range is given with `\in` and not with a relation such as `<`.
    let isMembership: Bool

    /// Longer texts are not parsed.
    private static let lengthLimit = 200

    /// `nil` if cleaned LaTeX is not such a statement about one variable.
    init?(_ text: ArraySlice<UInt8>) {
        guard text.count <= Self.lengthLimit,
            text.indices.contains(where: { Self.sign(text, $0) != nil })
        else { return nil }
        let parts = Separators.alternatives(of: text)
        guard parts.count > 1 else {
            self.init(single: text)
            return
        }
        let single = parts.compactMap { Inequality(single: $0) }
        guard single.count == parts.count, Set(single.map(\.variable)).count == 1 else {
            return nil
        }
        self.init(
            variable: single[0].variable,
            interval: Array(single.map(\.interval).joined(separator: "\\cup ".utf8)),
            isMembership: single.allSatisfy(\.isMembership))
    }

    private init(variable: [UInt8], interval: [UInt8], isMembership: Bool) {
        self.variable = variable
        self.interval = interval
        self.isMembership = isMembership
    }

    private init?(single text: ArraySlice<UInt8>) {
        var sides: [ArraySlice<UInt8>] = []
        var signs: [Sign] = []
        var (start, place) = (text.startIndex, text.startIndex)
        while place < text.endIndex {
            guard let (sign, end) = Self.sign(text, place) else {
                place += 1
                continue
            }
            sides.append(text[start..<place])
            signs.append(sign)
            (start, place) = (end, end)
        }
        sides.append(text[start...])
        isMembership = signs == [.member]
        switch signs.count {
        case 1 where isMembership:
            guard Self.isVariable(sides[0]) else { return nil }
            (variable, interval) = (Self.name(sides[0]), Array(sides[1].trimmed))
        case 1:
            let isFirst = Self.isVariable(Self.positive(sides[0]))
            let (side, bound) = isFirst ? (sides[0], sides[1]) : (sides[1], sides[0])
            let name = Self.positive(side)
            guard Self.isVariable(name), Self.isBound(bound) else { return nil }
            variable = Self.name(name)
            let isNegative = name.count < side.trimmed.count
            let limit =
                isNegative ? Array("-(".utf8) + bound + Array(")".utf8) : Array(bound.trimmed)
            // The variable is below the bound in `x < 5`, `5 > x` and `-x > -5`.
            if (signs[0].isLess == isFirst) != isNegative {
                interval = Array("(-\\infty ,".utf8) + limit + signs[0].close
            } else {
                interval = signs[0].open + limit + Array(",\\infty )".utf8)
            }
        case 2 where signs.allSatisfy { $0 != .member } && signs[0].isLess == signs[1].isLess:
            // The values of a function may lie in an interval, too.
            let name = sides[1].trimmed
            let isFunction = name.last == 41 && QuantityName.isVariable(name)
            guard isFunction || Self.isVariable(name), Self.isBound(sides[0]),
                Self.isBound(sides[2])
            else { return nil }
            variable = Self.name(sides[1])
            let isLess = signs[0].isLess
            let (low, high) = isLess ? (sides[0], sides[2]) : (sides[2], sides[0])
            interval =
                (isLess ? signs[0] : signs[1]).open + low + [UInt8(ascii: ",")] + high
                + (isLess ? signs[1] : signs[0]).close
        default: return nil
        }
    }

    private enum Sign {
        case less, lessOrEqual, greater, greaterOrEqual, member

        var isLess: Bool { self == .less || self == .lessOrEqual }
        private var isStrict: Bool { self == .less || self == .greater }
        var open: [UInt8] { [isStrict ? 40 : 91] }
        var close: [UInt8] { [isStrict ? 41 : 93] }
    }

    private static func sign(_ text: ArraySlice<UInt8>, _ place: Int) -> (Sign, end: Int)? {
        switch text[place] {
        case UInt8(ascii: "<"): return (.less, place + 1)
        case UInt8(ascii: ">"): return (.greater, place + 1)
        case UInt8(ascii: "\\"):
            if text.has("\\le ", at: place) { return (.lessOrEqual, place + 4) }
            if text.has("\\ge ", at: place) { return (.greaterOrEqual, place + 4) }
            return text.has("\\in ", at: place) ? (.member, place + 4) : nil
        default: return nil
        }
    }

    /// The text without a minus sign.
    private static func positive(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.trimmed.first == UInt8(ascii: "-") ? text.trimmed.dropFirst().trimmed : text.trimmed
    }

    /// Whether the text names a real variable. Letters from `i` to `n` may be integers, for which an interval
    /// means something else.
    private static func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
        let first = text.trimmed.first ?? 32
        return !(UInt8(ascii: "i")...UInt8(ascii: "n")).contains(first)
            && !text.contains(UInt8(ascii: "(")) && !text.has("\\text", at: text.trimmed.startIndex)
            && QuantityName.isVariable(text)
    }

    /// Whether the text is a number or infinity.
    private static func isBound(_ text: ArraySlice<UInt8>) -> Bool {
        let bare = text.filter { !$0.isBlank && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        return bare == Array("\\infty".utf8) || Quantity(text)?.value != nil
            || ExactExpression.value(of: text) != nil
    }

    private static func name(_ text: ArraySlice<UInt8>) -> [UInt8] { text.filter { !$0.isBlank } }
}
