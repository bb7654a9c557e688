/// A text that is one number, with or without a unit: `18`, `$18.00`, `-3/4`, `50\%`, `18 \text{ cm}^2`. Units,
/// currencies and percent signs do not change the number and are optional.
struct Quantity {
    /// `nil` if the number overflows or divides by 0.
    let value: Rational?

    /// Whether a percent sign or word follows the number.
    let isPercentage: Bool

    /// `nil` if the text has no number or more than one. With `hasVariables`, `5 m` is a product.
    init?(
        _ text: ArraySlice<UInt8>, hasVariables: Bool = true,
        grouping: NumberScanner.Grouping = .thousands
    ) {
        // `(1,234)` is a point.
        let first = text.first { !$0.isBlank && $0 != UInt8(ascii: "$") }
        guard first != 40 && first != 91 || !text.contains(UInt8(ascii: ",")) else { return nil }
        var scanner = NumberScanner(text, grouping: grouping)
        guard let number = scanner.next(),
            let sign = Self.sign(in: text[..<number.range.lowerBound]),
            Self.isUnit(behind: number.range, text, hasVariables), scanner.next() == nil
        else { return nil }
        value = sign < 0 ? number.value?.negated : number.value
        isPercentage = Self.isPercentage(text[number.range.upperBound...])
    }

    /// Whether the text has a percent sign or word.
    private static func isPercentage(_ tail: ArraySlice<UInt8>) -> Bool {
        tail.contains(UInt8(ascii: "%"))
            || tail.indices.contains {
                tail[$0] | 32 == UInt8(ascii: "p")
                    && (tail.has("percent", at: $0) || tail.has("pct", at: $0))
            }
    }

    /// The sign of a number from the text before it; `nil` unless that consists of blanks, brackets, currencies
    /// and emphasis.
    private static func sign(in lead: ArraySlice<UInt8>) -> Int? {
        var sign = 1
        var place = lead.startIndex
        while let byte = lead[at: place] {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let command = command(lead, place),
                    command.words.allSatisfy({ AnswerWords.isCurrency(shown($0)) })
                else { return nil }
                place = command.end
                continue
            case UInt8(ascii: "-"):
                guard sign > 0 else { return nil }
                sign = -1
            case _ where byte >= 0x80:
                guard let end = money(lead, place) else { return nil }
                place = end
                continue
            case _ where byte.isBlank || "$*_`([{+~:".utf8.contains(byte): break
            case _ where byte.isLetter:
                let end = lead.end(of: \.isLetter, from: place)
                guard AnswerWords.isCurrency(shown(lead[place..<end])) else { return nil }
                place = lead[at: end] == UInt8(ascii: ".") ? end + 1 : end
                continue
            default: return nil
            }
            place += 1
        }
        return sign
    }

    /// Whether the text after a number leaves its value unchanged.
    private static func isUnit(
        behind number: Range<Int>, _ text: ArraySlice<UInt8>, _ hasVariables: Bool
    ) -> Bool {
        let tail = text[number.upperBound...]
        // An unopened closing bracket makes the number a line number: `1) Add`.
        let isBracketed = text[..<number.lowerBound].contains(UInt8(ascii: "("))
        var isAfterUnit = false
        var place = tail.startIndex
        while let byte = tail[at: place] {
            if byte == UInt8(ascii: "\\") {
                guard let command = command(tail, place),
                    command.words.allSatisfy({ isWritten($0, isAfterUnit) })
                else { return false }
                isAfterUnit = isAfterUnit || !command.words.isEmpty
                place = command.end
            } else if byte == UInt8(ascii: "^") {
                guard tail.has("^\\circ", at: place) || tail.has("^{\\circ}", at: place) else {
                    return false
                }
                isAfterUnit = true
                place += tail.has("^{", at: place) ? 8 : 6
            } else if byte.isLetter {
                let end = tail.end(of: { $0.isLetter || $0 >= 0x80 }, from: place)
                guard isUnit(tail[place..<end], tail[at: place - 1], hasVariables, isAfterUnit)
                else { return false }
                isAfterUnit = true
                place = power(tail, end)
            } else if byte == UInt8(ascii: ".") {
                // Before words, a full stop ends a sentence or a line number: `1. Add`. Units may have full
                // stops.
                let isLast = tail[(place + 1)...].allSatisfy {
                    $0.isBlank || "$*_`)]}".utf8.contains($0)
                }
                guard isLast || isAfterUnit && tail[at: place + 1] != byte else { return false }
                place += 1
            } else if byte >= 0x80 {
                guard let end = money(tail, place) ?? counter(tail, place) else { return false }
                place = end
            } else if byte == UInt8(ascii: "_") {
                // Emphasis; before a letter or digit, an index.
                let next = tail[at: place + 1]
                guard next.map({ !$0.isLetter && !$0.isDigit && $0 != 123 && $0 != 92 }) ?? true
                else { return false }
                place += 1
            } else {
                let isAllowed = byte.isBlank || "$*`]}%,/~".utf8.contains(byte)
                guard isAllowed || byte == UInt8(ascii: ")") && isBracketed else { return false }
                place += 1
            }
        }
        return true
    }

    /// Whether a word is a unit and not a product of variables such as `2xy`, which touches the number or has
    /// one or two letters.
    private static func isUnit(
        _ word: ArraySlice<UInt8>, _ before: UInt8?, _ hasVariables: Bool, _ isAfterUnit: Bool
    ) -> Bool {
        let spelled = shown(word)
        if before?.isBlank == true || before == UInt8(ascii: "~") {
            guard isAfterUnit || hasVariables else {
                return AnswerWords.canBeUnit(word)
            }
            return isAfterUnit
                ? isWritten(word, true)
                : AnswerWords.isPlainUnit(word) && (word.count > 1 || !hasVariables)
        }
        let isSure = isAfterUnit || !hasVariables
        return before == UInt8(ascii: "/")
            ? isSure && AnswerWords.canBeUnit(word)
            : isSure && AnswerWords.isTouchingUnit(spelled)
    }

    /// Whether a word inside `\text{}` leaves the number unchanged. After a unit, words such as `of` and
    /// `squared` do.
    private static func isWritten(_ word: ArraySlice<UInt8>, _ isAfterUnit: Bool) -> Bool {
        AnswerWords.canBeUnit(word)
            || isAfterUnit
                && ["of", "per", "a", "an", "the", "in", "on", "at", "squared", "cubed"].contains(
                    shown(word).lowercased())
    }

    private static func shown(_ word: ArraySlice<UInt8>) -> String {
        String(decoding: word.prefix(16), as: UTF8.self)
    }

    /// A LaTeX command that does not change the number, with the words of its text; `nil` for others.
    private static func command(
        _ text: ArraySlice<UInt8>, _ start: Int
    ) -> (end: Int, words: [ArraySlice<UInt8>])? {
        let end = text.end(of: \.isLetter, from: start + 1)
        guard end > start + 1 else {
            let isSign = text[at: start + 1].map { "$%,;:! ()[]".utf8.contains($0) } ?? false
            return isSign ? (start + 2, []) : nil
        }
        switch String(decoding: text[(start + 1)..<min(end, start + 15)], as: UTF8.self) {
        case "text", "textbf", "textit", "textrm", "mathrm", "mathbf", "mbox", "rm":
            guard text[at: end] == UInt8(ascii: "{") else { return (end, []) }
            let inner = text.end(of: { !"\\{}".utf8.contains($0) && !$0.isDigit }, from: end + 1)
            // The text contains a number, which is parsed like any other.
            guard text[at: inner] == UInt8(ascii: "}") else { return (end + 1, []) }
            let words = text[(end + 1)..<inner].split { !$0.isLetter && $0 < 0x80 }
            // Without a word there is no unit to which a power could apply.
            return (words.isEmpty ? inner + 1 : power(text, inner + 1), words)
        case "circ", "degree", "left", "right", "quad", "qquad", "displaystyle", "approx":
            return (end, [])
        default: return nil
        }
    }

    /// The index after the square or cube of a unit, if one begins at `place`.
    private static func power(_ text: ArraySlice<UInt8>, _ place: Int) -> Int {
        let powers: [StaticString] = ["^{2}", "^{3}", "^2", "^3"]
        return powers.first { text.has($0, at: place) }.map { place + $0.utf8CodeUnitCount }
            ?? place
    }

    /// The index after a currency symbol outside ASCII.
    static func money(_ text: ArraySlice<UInt8>, _ place: Int) -> Int? {
        end(of: ["€", "£", "¥", "₩", "₽", "₫", "₱", "₺", "₪", "₦", "฿", "¢"], text, place)
    }

    /// The index after a Chinese or Japanese counter word that does not multiply the number.
    static func counter(_ text: ArraySlice<UInt8>, _ place: Int) -> Int? {
        let words: [StaticString] = [
            "元", "円", "圆", "块", "个", "個", "只", "条", "本", "人", "名", "天", "年", "月", "日", "岁",
            "歳", "米", "厘米", "公里", "小时", "时间", "次", "种", "页", "克", "公斤", "枚",
        ]
        return end(of: words, text, place)
    }

    private static func end(
        of words: [StaticString], _ text: ArraySlice<UInt8>, _ place: Int
    ) -> Int? {
        words.first { text.has($0, at: place) }.map { place + $0.utf8CodeUnitCount }
    }
}
