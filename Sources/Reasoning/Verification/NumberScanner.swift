/// Scans the numbers of a text from left to right: whole and decimal numbers, numbers with thousands separators
/// or in scientific notation, fractions and mixed numbers, each with its sign. Skips text that only looks like
/// a number: exponents, indices, powers, dates, times and digits inside words.
struct NumberScanner {
    let text: ArraySlice<UInt8>
    private var place: Int
    let grouping: Grouping

    /// The position of the last skipped text that looks like a number.
    private(set) var lastLookalike: Int?

    /// The meaning of commas in numbers.
    enum Grouping {
        case thousands

        /// Commas separate thousands, or groups as in the Indian system.
        case indian

        /// A comma is a decimal point, as in much of Europe.
        case decimalComma
    }

    init(_ text: ArraySlice<UInt8>, grouping: Grouping = .thousands) {
        self.text = text
        self.grouping = grouping
        place = text.startIndex
    }

    /// A number and its position.
    struct Found {
        /// `nil` if the value overflows or a denominator is 0.
        let value: Rational?
        let range: Range<Int>
    }

    mutating func next() -> Found? {
        while let byte = text[at: place] {
            switch byte {
            case UInt8(ascii: "\\"):
                if let fraction = fraction(at: place) {
                    return finished(fraction.value, from: place, to: fraction.end)
                }
                let end = text.end(of: \.isLetter, from: place + 1)
                place = end == place + 1 ? place + 2 : end
            case UInt8(ascii: "^"), UInt8(ascii: "_"):
                place = exponent(at: place + 1)?.end ?? place + 1
            case _ where byte.isLetter:
                place = text.end(of: { $0.isLetter || $0.isDigit }, from: place)
            case _ where startsNumber(place):
                if let found = number() { return found }
            default: place += 1
            }
        }
        return nil
    }

    /// Whether a number starts at `place`. A point starts a number only after text that it cannot end.
    private func startsNumber(_ place: Int) -> Bool {
        guard let byte = text[at: place] else { return false }
        if byte.isDigit { return true }
        guard byte == UInt8(ascii: "."), text[at: place + 1]?.isDigit == true else { return false }
        let before = text[at: place - 1] ?? 32
        return !(before.isLetter || before.isDigit || before == UInt8(ascii: "."))
    }

    /// The number at the current position. Returns `nil` and skips the text if it only looks like a number.
    private mutating func number() -> Found? {
        let start = place
        let first = decimal(at: start)
        var (value, end) = (first.value, first.end)
        if let power = powerOfTen(after: first) {
            value = power.value
            end = power.end
        } else if let mixed = mixed(first) {
            value = mixed.value
            end = mixed.end
        } else if let denominator = denominator(at: end) {
            value = denominator.value.flatMap { value?.divided(by: $0) }
            end = denominator.end
        }
        guard let wrong = lookalike(at: end) else { return finished(value, from: start, to: end) }
        lastLookalike = start
        place = wrong
        return nil
    }

    /// Adds the sign and a scale word such as `million`.
    private mutating func finished(_ value: Rational?, from start: Int, to end: Int) -> Found {
        let scale = scale(at: end)
        let first = sign(before: start)
        var value = value
        if let scale {
            value = value.flatMap { Rational(scale.factor).flatMap($0.multiplied) }
        }
        place = scale?.end ?? end
        return Found(
            value: first == nil ? value : value?.negated, range: (first ?? start)..<place)
    }

    /// The end of text that only looks like a number, such as `1.2.3`, `1/2/2024`, `12:30` or `2^10`; `nil` for
    /// a number.
    private func lookalike(at end: Int) -> Int? {
        guard let byte = text[at: end] else { return nil }
        if byte == UInt8(ascii: "^"), !text.has("^\\circ", at: end), !text.has("^{\\circ}", at: end)
        {
            return exponent(at: end + 1)?.end ?? end + 1
        }
        guard byte == 46 || byte == 47 || byte == 58, text[at: end + 1]?.isDigit == true else {
            return nil
        }
        return text.end(of: { $0.isDigit || $0 == 46 || $0 == 47 || $0 == 58 }, from: end)
    }

    /// The position of the minus sign of the number at `start`. A minus after an operand is an operator.
    private func sign(before start: Int) -> Int? {
        var place = start - 1
        if text[at: place] == UInt8(ascii: "$") { place -= 1 }
        if text[at: place] == UInt8(ascii: "\\") { place -= 1 }
        // Currency symbols have up to three bytes.
        for _ in 0..<3 where (text[at: place] ?? 0) >= 0x80 { place -= 1 }
        guard text[at: place] == UInt8(ascii: "-") else { return nil }
        let before = text[at: place - 1] ?? 32
        let isOperand =
            before.isDigit || before.isLetter || before >= 0x80 || ")]}%".utf8.contains(before)
        return isOperand ? nil : place
    }
}

// Parts of numbers.
extension NumberScanner {
    struct Decimal {
        let value: Rational?
        let end: Int
        /// Whether the number consists of digits only.
        let isPlain: Bool
    }

    private var point: UInt8 {
        grouping == .decimalComma ? UInt8(ascii: ",") : UInt8(ascii: ".")
    }

    /// Parses digits with thousands separators, a decimal point and an exponent.
    private func decimal(at start: Int) -> Decimal {
        let first = text.end(of: \.isDigit, from: start)
        var digits = Array(text[start..<first])
        var end = first
        if let groups = groups(after: start..<first) ?? spacedGroups(after: start..<first) {
            digits += groups.digits
            end = groups.end
        }
        var fraction: ArraySlice<UInt8> = []
        if text[at: end] == point, text[at: end + 1]?.isDigit == true {
            let last = text.end(of: \.isDigit, from: end + 1)
            // A comma before three digits is a thousands separator.
            if grouping != .decimalComma || last - end != 4 || digits == [48] {
                fraction = text[(end + 1)..<last]
                end = last
            }
        }
        var power = 0
        if let byte = text[at: end], byte | 32 == UInt8(ascii: "e"),
            let exponent = exponent(at: end + 1), text[at: end + 1] != UInt8(ascii: "{"),
            text[at: exponent.end]?.isLetter != true
        {
            power = exponent.value
            end = exponent.end
        }
        return Decimal(
            value: Rational(whole: digits, fraction: fraction, exponent: power), end: end,
            isPlain: end == first)
    }

    /// Parses a small whole number, with or without braces.
    private func exponent(at start: Int) -> (value: Int, end: Int)? {
        let isBraced = text[at: start] == UInt8(ascii: "{")
        var place = isBraced ? start + 1 : start
        let isNegative = text[at: place] == UInt8(ascii: "-")
        if isNegative || text[at: place] == UInt8(ascii: "+") { place += 1 }
        let end = text.end(of: \.isDigit, from: place)
        guard end > place, !isBraced || text[at: end] == UInt8(ascii: "}") else { return nil }
        let digits = text[place..<end].drop { $0 == 48 }
        // Larger exponents overflow a fraction in any case.
        let value = digits.count > 4 ? 9999 : digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return (isNegative ? -value : value, isBraced ? end + 1 : end)
    }

    /// Parses `10^5`, or `\times 10^5` after `3`.
    private func powerOfTen(after first: Decimal) -> (value: Rational?, end: Int)? {
        let ten = Rational(10)
        if first.isPlain, first.value == ten, text[at: first.end] == UInt8(ascii: "^"),
            let exponent = exponent(at: first.end + 1)
        {
            return (Rational(whole: [49], fraction: [], exponent: exponent.value), exponent.end)
        }
        let operators: [StaticString] = ["\\times", "\\cdot", "*", "x"]
        var place = text.end(of: \.isBlank, from: first.end)
        guard let sign = operators.first(where: { text.has($0, at: place) }) else { return nil }
        place = text.end(of: \.isBlank, from: place + sign.utf8CodeUnitCount)
        guard text.has("10^", at: place), let exponent = exponent(at: place + 3) else { return nil }
        let scale = Rational(whole: [49], fraction: [], exponent: exponent.value)
        return (scale.flatMap { first.value?.multiplied(by: $0) }, exponent.end)
    }

    /// Parses `1/2` or `\frac{1}{2}` after a whole number.
    private func mixed(_ whole: Decimal) -> (value: Rational?, end: Int)? {
        guard whole.isPlain else { return nil }
        let start = text.end(of: \.isBlank, from: whole.end)
        var part = fraction(at: start)
        if part == nil, start > whole.end, text[at: start]?.isDigit == true {
            let above = decimal(at: start)
            if above.isPlain, let below = denominator(at: above.end) {
                part = (below.value.flatMap { above.value?.divided(by: $0) }, below.end)
            }
        }
        guard let part, let value = part.value, value.numerator > 0,
            value.numerator < value.denominator, lookalike(at: part.end) == nil
        else { return nil }
        return (whole.value?.adding(value), part.end)
    }

    /// Parses `/` and a number.
    private func denominator(at end: Int) -> Decimal? {
        let slash = text.end(of: \.isBlank, from: end)
        guard text[at: slash] == UInt8(ascii: "/") else { return nil }
        let start = text.end(of: \.isBlank, from: slash + 1)
        return text[at: start]?.isDigit == true ? decimal(at: start) : nil
    }

    /// Parses `\frac` and its variants with numbers as arguments, with or without braces: `\frac12`.
    private func fraction(at start: Int) -> (value: Rational?, end: Int)? {
        let names: [StaticString] = ["\\frac", "\\dfrac", "\\tfrac", "\\cfrac"]
        guard let name = names.first(where: { text.has($0, at: start) }),
            let above = argument(at: start + name.utf8CodeUnitCount),
            let below = argument(at: above.end)
        else { return nil }
        return (below.value.flatMap { above.value?.divided(by: $0) }, below.end)
    }

    private func argument(at start: Int) -> (value: Rational?, end: Int)? {
        let start = text.end(of: \.isBlank, from: start)
        guard text[at: start] == UInt8(ascii: "{") else {
            guard let byte = text[at: start], byte.isDigit else { return nil }
            return (Rational(Int128(byte - 48)), start + 1)
        }
        var place = text.end(of: \.isBlank, from: start + 1)
        let isNegative = text[at: place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        guard startsNumber(place) else { return nil }
        let number = decimal(at: place)
        place = text.end(of: \.isBlank, from: number.end)
        guard text[at: place] == UInt8(ascii: "}") else { return nil }
        return (isNegative ? number.value?.negated : number.value, place + 1)
    }

    /// Parses a word such as `million` after a number, also in `\text{ million}`.
    private func scale(at end: Int) -> (factor: Int128, end: Int)? {
        var place = text.end(of: { $0.isBlank || $0 == UInt8(ascii: "~") }, from: end)
        let isText = text.has("\\text{", at: place)
        if isText { place = text.end(of: \.isBlank, from: place + 6) }
        guard place > end else { return nil }
        let last = text.end(of: \.isLetter, from: place)
        let factor: Int128
        switch String(decoding: text[place..<min(last, place + 9)], as: UTF8.self).lowercased() {
        case "hundred": factor = 100
        case "thousand": factor = 1_000
        case "million": factor = 1_000_000
        case "billion": factor = 1_000_000_000
        case "trillion": factor = 1_000_000_000_000
        case "lakh": factor = 100_000
        case "crore": factor = 10_000_000
        default: return nil
        }
        guard last - place < 9 else { return nil }
        return (factor, isText && text[at: last] == UInt8(ascii: "}") ? last + 1 : last)
    }
}
