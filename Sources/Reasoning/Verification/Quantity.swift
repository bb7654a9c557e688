/// A text that is one number, with or without a unit: `18`, `$18.00`, `-3/4`, `50\%`, `18 \text{ cm}^2`. Units,
/// currencies and percent signs say what the number counts; they do not change it, and need not be there.
struct Quantity {
    /// `nil` where the number does not fit or divides by 0.
    let value: Rational?

    /// `nil` if the text is no number, or has more than one. Where there may be variables, `5 m` is a product.
    init?(_ text: ArraySlice<UInt8>, hasVariables: Bool = true) {
        var scanner = NumberScanner(text)
        guard let number = scanner.next(),
            let sign = Self.sign(in: text[..<number.range.lowerBound]),
            Self.isUnit(behind: number.range, text, hasVariables), scanner.next() == nil
        else { return nil }
        value = sign < 0 ? number.value?.negated : number.value
    }

    /// Of a number, by what is before it: blanks, brackets, signs of money, emphasis.
    private static func sign(in lead: ArraySlice<UInt8>) -> Int? {
        var sign = 1
        var place = lead.startIndex
        while let byte = lead[at: place] {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let end = commandEnd(lead, place) else { return nil }
                place = end
                continue
            case UInt8(ascii: "-"):
                guard sign > 0 else { return nil }
                sign = -1
            case _ where byte.isBlank || byte >= 0x80 || "$*_`([{+~:".utf8.contains(byte): break
            default: return nil
            }
            place += 1
        }
        return sign
    }

    /// Whether what stands behind a number makes no other one of it.
    private static func isUnit(
        behind number: Range<Int>, _ text: ArraySlice<UInt8>, _ hasVariables: Bool
    ) -> Bool {
        let tail = text[number.upperBound...]
        // A bracket that nothing opens makes a line's number of it: `1) Add`.
        let isBracketed = text[..<number.lowerBound].contains(UInt8(ascii: "("))
        var isAfterUnit = false
        var place = tail.startIndex
        while let byte = tail[at: place] {
            if byte == UInt8(ascii: "\\") {
                guard let end = commandEnd(tail, place) else { return false }
                isAfterUnit = isAfterUnit || tail[place..<end].contains(UInt8(ascii: "{"))
                place = end
            } else if byte == UInt8(ascii: "^") {
                guard tail.has("^\\circ", at: place) || tail.has("^{\\circ}", at: place) else {
                    return false
                }
                isAfterUnit = true
                place += tail.has("^{", at: place) ? 8 : 6
            } else if byte.isLetter {
                let end = tail.end(of: \.isLetter, from: place)
                let word = String(decoding: tail[place..<min(end, place + 9)], as: UTF8.self)
                guard isUnit(word, tail[at: place - 1], hasVariables, isAfterUnit) else {
                    return false
                }
                isAfterUnit = true
                place = power(tail, end)
            } else if byte == UInt8(ascii: ".") {
                // With words behind it, it ends a sentence or the number of a line: `1. Add`. Units may have points.
                let isLast = tail[place...].allSatisfy {
                    $0.isBlank || "$*_`)]}.".utf8.contains($0)
                }
                guard isLast || isAfterUnit else { return false }
                place += 1
            } else {
                let isAllowed = byte.isBlank || byte >= 0x80 || "$*_`]}%,/~".utf8.contains(byte)
                guard isAllowed || byte == UInt8(ascii: ")") && isBracketed else { return false }
                place += 1
            }
        }
        return true
    }

    /// Whether a word is a unit and no product of variables, such as `2xy`: those touch the number, or have one or
    /// two letters.
    private static func isUnit(
        _ word: String, _ before: UInt8?, _ hasVariables: Bool, _ isAfterUnit: Bool
    ) -> Bool {
        guard !mathematical.contains(word.lowercased()) else { return false }
        let isSure = isAfterUnit || !hasVariables
        let isKnown = units.contains(word) || isSure && letters.contains(word)
        if before?.isBlank == true || before == UInt8(ascii: "~") {
            return isKnown || word.utf8.count > (isAfterUnit ? 1 : 2)
        }
        return before == UInt8(ascii: "/")
            ? isSure && (isKnown || word.utf8.count > 1) : isSure && units.contains(word)
    }

    private static let mathematical: Set<String> = [
        "pi", "sqrt", "sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "mod", "or",
        "and",
        "to", "times", "plus", "minus", "over",
    ]

    /// Units of two letters.
    private static let units: Set<String> = [
        "nm", "mm", "cm", "dm", "km", "sq", "cu", "in", "ft", "yd", "mi", "ha", "ml", "mL", "cl",
        "dl", "cc",
        "mg", "kg", "oz", "lb", "ms", "hr", "am", "pm", "AM", "PM", "Hz", "Pa", "kJ", "kW", "MW",
        "kB", "KB", "MB", "GB", "TB",
    ]

    /// Units of one letter.
    private static let letters: Set<String> = [
        "m", "g", "s", "h", "l", "L", "N", "J", "W", "V", "A", "C", "F", "K",
    ]

    /// The end of a LaTeX command that changes no number, with the text that it sets; `nil` for others.
    private static func commandEnd(_ text: ArraySlice<UInt8>, _ start: Int) -> Int? {
        let end = text.end(of: \.isLetter, from: start + 1)
        guard end > start + 1 else {
            let isSign = text[at: start + 1].map { "$%,;:! ()[]".utf8.contains($0) } ?? false
            return isSign ? start + 2 : nil
        }
        switch String(decoding: text[(start + 1)..<min(end, start + 15)], as: UTF8.self) {
        case "text", "textbf", "textit", "textrm", "mathrm", "mathbf", "mbox", "rm":
            guard text[at: end] == UInt8(ascii: "{") else { return end }
            let inner = text.end(of: { !"\\{}".utf8.contains($0) && !$0.isDigit }, from: end + 1)
            // A number is in it, which is read as any other.
            guard text[at: inner] == UInt8(ascii: "}") else { return end + 1 }
            return power(text, inner + 1)
        case "circ", "degree", "left", "right", "quad", "qquad", "displaystyle", "approx":
            return end
        default: return nil
        }
    }

    /// Behind the square or cube of a unit, if one begins at `place`.
    private static func power(_ text: ArraySlice<UInt8>, _ place: Int) -> Int {
        let powers: [StaticString] = ["^{2}", "^{3}", "^2", "^3"]
        return powers.first { text.has($0, at: place) }.map { place + $0.utf8CodeUnitCount }
            ?? place
    }
}

extension ArraySlice<UInt8> {
    /// What is behind the last `=` that is no part of another sign.
    var rightHandSide: ArraySlice<UInt8> {
        guard let equals = lastIndex(of: UInt8(ascii: "=")) else { return self }
        return self[(equals + 1)...]
    }
}
