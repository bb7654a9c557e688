/// Where a variable lies: `x \in [0,1]`, `1 < x \le 2`, `x > 5`.
struct Inequality: Hashable {
    let variable: [UInt8]

    /// As a text in brackets: `(1,2]`, `(5,\infty )`; what is behind `\in` as it is.
    let interval: [UInt8]

    /// Longer ones are not looked into.
    private static let lengthLimit = 200

    /// `nil` where cleaned LaTeX is no such statement on one variable.
    init?(_ text: ArraySlice<UInt8>) {
        guard text.count <= Self.lengthLimit else { return nil }
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
        switch signs.count {
        case 1 where signs[0] == .member:
            guard Self.isVariable(sides[0]) else { return nil }
            (variable, interval) = (Self.name(sides[0]), Array(sides[1].trimmed))
        case 1:
            let isFirst = Self.isVariable(sides[0])
            let (name, bound) = isFirst ? (sides[0], sides[1]) : (sides[1], sides[0])
            guard Self.isVariable(name), Self.isBound(bound) else { return nil }
            variable = Self.name(name)
            // The variable is below the bound in `x < 5` and in `5 > x`.
            if signs[0].isLess == isFirst {
                interval = Array("(-\\infty ,".utf8) + bound + signs[0].close
            } else {
                interval = signs[0].open + bound + Array(",\\infty )".utf8)
            }
        case 2 where signs.allSatisfy { $0 != .member } && signs[0].isLess == signs[1].isLess:
            guard Self.isVariable(sides[1]), Self.isBound(sides[0]), Self.isBound(sides[2]) else {
                return nil
            }
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
        let signs: [(StaticString, Sign)] = [
            ("\\le ", .lessOrEqual), ("\\ge ", .greaterOrEqual), ("\\in ", .member),
            ("<", .less), (">", .greater),
        ]
        return signs.first { text.has($0.0, at: place) }.map {
            ($0.1, place + $0.0.utf8CodeUnitCount)
        }
    }

    /// A name of a real number: `n` may be a whole one, for which an interval says something else.
    private static func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
        let first = text.trimmed.first ?? 32
        return !(UInt8(ascii: "i")...UInt8(ascii: "n")).contains(first)
            && !text.contains(UInt8(ascii: "(")) && !text.has("\\text", at: text.trimmed.startIndex)
            && Assignment.isName(text)
    }

    /// A number, be it infinite.
    private static func isBound(_ text: ArraySlice<UInt8>) -> Bool {
        let bare = text.filter { !$0.isBlank && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        return bare == Array("\\infty".utf8) || Quantity(text)?.value != nil
            || ExactExpression.value(of: text) != nil
    }

    private static func name(_ text: ArraySlice<UInt8>) -> [UInt8] { text.filter { !$0.isBlank } }
}
