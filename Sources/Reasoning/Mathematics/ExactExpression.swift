/// Evaluates an expression of numbers, roots and pi in cleaned LaTeX: sums, products, quotients, powers,
/// factorials and binomial coefficients. Ambiguous expressions, such as `1/2\pi`, are rejected.
struct ExactExpression {
    private let text: ArraySlice<UInt8>
    private var place: Int
    private var depth = 0

    private static let lengthLimit = 400
    private static let depthLimit = 16

    /// `nil` if the text is not such an expression or exceeds the limits.
    static func value(of text: ArraySlice<UInt8>) -> ExactValue? {
        guard text.count <= lengthLimit else { return nil }
        var expression = ExactExpression(text: text, place: text.startIndex)
        guard let value = expression.sum(), expression.next() == nil else { return nil }
        return value
    }

    private init(text: ArraySlice<UInt8>, place: Int) {
        self.text = text
        self.place = place
    }

    /// The next byte that is not a blank.
    private mutating func next() -> UInt8? {
        place = text.end(of: \.isBlank, from: place)
        return text[at: place]
    }

    private mutating func takes(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        place += 1
        return true
    }

    private mutating func takesCommand(_ name: StaticString) -> Bool {
        guard next() != nil, text.has(name, at: place) else { return false }
        let end = place + name.utf8CodeUnitCount
        guard text[at: end]?.isLetter != true else { return false }
        place = end
        return true
    }

    private mutating func sum() -> ExactValue? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { return nil }
        let isNegative = takes(UInt8(ascii: "-"))
        if !isNegative { _ = takes(UInt8(ascii: "+")) }
        guard var total = isNegative ? product()?.negated : product() else { return nil }
        while let sign = next(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            place += 1
            guard let term = sign == UInt8(ascii: "-") ? product()?.negated : product(),
                let sum = total.adding(term)
            else { return nil }
            total = sum
        }
        return total
    }

    private mutating func product() -> ExactValue? {
        var isNumber = next()?.isDigit == true
        guard var value = power() else { return nil }
        var isDivided = false
        while let byte = next() {
            let factor: ExactValue?
            if takesCommand("\\cdot") {
                isDivided = false
                isNumber = next()?.isDigit == true
                factor = power()
            } else if byte == UInt8(ascii: "/") || text.has("\\div", at: place) {
                if byte == UInt8(ascii: "/") {
                    place += 1
                } else if !takesCommand("\\div") {
                    return nil
                }
                isDivided = true
                isNumber = next()?.isDigit == true
                factor = power().flatMap { ExactValue.whole(1)?.divided(by: $0) }
            } else if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "(") {
                let isFraction = text.has("\\frac", at: place)
                guard !isDivided, let next = power() else { return nil }
                // `2\frac{1}{2}` is a mixed number and not a product.
                if isNumber, isFraction, next.rational != nil { return nil }
                isNumber = false
                factor = next
            } else {
                break
            }
            guard let factor, let product = value.multiplied(by: factor) else { return nil }
            value = product
        }
        return value
    }

    private mutating func power() -> ExactValue? {
        guard let base = atom() else { return nil }
        if takes(UInt8(ascii: "^")) {
            guard next() == UInt8(ascii: "{"), let exponent = braced()?.rational else { return nil }
            return next() == UInt8(ascii: "!") || next() == UInt8(ascii: "^")
                ? nil : base.power(exponent)
        }
        guard takes(UInt8(ascii: "!")) else { return base }
        guard next() != UInt8(ascii: "!"), next() != UInt8(ascii: "^"), let count = base.whole
        else { return nil }
        return Self.factorial(count)
    }

    private mutating func atom() -> ExactValue? {
        guard let byte = next() else { return nil }
        if byte.isDigit || byte == UInt8(ascii: ".") { return number() }
        if takes(UInt8(ascii: "(")) {
            guard let value = sum(), takes(UInt8(ascii: ")")) else { return nil }
            return value
        }
        if byte == UInt8(ascii: "{") { return braced() }
        if takesCommand("\\pi") { return .pi }
        if takesCommand("\\frac") {
            guard let above = braced(), let below = braced() else { return nil }
            return above.divided(by: below)
        }
        if takesCommand("\\sqrt") { return root() }
        if takesCommand("\\binom") {
            guard let count = braced()?.whole, let chosen = braced()?.whole else { return nil }
            return Self.binomial(count, chosen)
        }
        return nil
    }

    private mutating func braced() -> ExactValue? {
        guard takes(UInt8(ascii: "{")), let value = sum(), takes(UInt8(ascii: "}")) else {
            return nil
        }
        return value
    }

    private mutating func root() -> ExactValue? {
        var degree = 2
        if takes(UInt8(ascii: "[")) {
            guard let value = sum()?.whole, (2...16).contains(value), takes(UInt8(ascii: "]"))
            else { return nil }
            degree = Int(value)
        }
        return braced()?.root(degree)
    }

    /// Parses digits with `{,}` between thousands, a decimal point, and repeating decimals in `\overline`.
    private mutating func number() -> ExactValue? {
        var end = text.end(of: \.isDigit, from: place)
        var whole = Array(text[place..<end])
        while text.has("{,}", at: end) {
            let group = text[(end + 3)..<text.end(of: \.isDigit, from: end + 3)]
            guard group.count == 3 else { return nil }
            whole += group
            end = group.endIndex
        }
        var fraction: ArraySlice<UInt8> = []
        let hasPoint = text[at: end] == UInt8(ascii: ".")
        if hasPoint {
            fraction = text[(end + 1)..<text.end(of: \.isDigit, from: end + 1)]
            end = fraction.isEmpty ? end + 1 : fraction.endIndex
        }
        place = end
        let isRepeating = hasPoint && takesCommand("\\overline")
        guard isRepeating || !hasPoint || !fraction.isEmpty,
            let value = Rational(whole: whole, fraction: fraction)
        else { return nil }
        guard isRepeating else { return ExactValue(value) }
        guard takes(UInt8(ascii: "{")) else { return nil }
        let period = text[place..<text.end(of: \.isDigit, from: place)]
        place = period.endIndex
        guard !period.isEmpty, takes(UInt8(ascii: "}")),
            let repeated = Rational(
                whole: period, fraction: [UInt8](), exponent: -fraction.count),
            let nines = Rational(
                whole: Array(repeating: UInt8(ascii: "9"), count: period.count),
                fraction: [UInt8]()),
            let rest = repeated.divided(by: nines)
        else { return nil }
        return value.adding(rest).map { ExactValue($0) }
    }

    private static func factorial(_ count: Int128) -> ExactValue? {
        guard (0...33).contains(count) else { return nil }
        return .whole((0..<count).reduce(1) { $0 * ($1 + 1) })
    }

    private static func binomial(_ count: Int128, _ chosen: Int128) -> ExactValue? {
        guard (0...60).contains(count), (0...count).contains(chosen) else { return nil }
        return .whole((0..<chosen).reduce(1) { $0 * (count - $1) / ($1 + 1) })
    }
}
