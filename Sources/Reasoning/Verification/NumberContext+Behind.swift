// The text after the number.
extension NumberContext {
    func isFree(behind start: Int) -> Bool {
        var place = start
        var isTouching = true
        // Emphasis, brackets and blanks may separate a number from text that qualifies it.
        while let byte = text[at: place] {
            switch byte {
            case 10, 13: return true
            case _ where byte.isBlank || byte == UInt8(ascii: "~"): isTouching = false
            case UInt8(ascii: "'"):
                // A quotation mark, not the sign for feet or a derivative.
                guard text[at: number.lowerBound - 1] == byte else { return false }
            case _ where "$`\"})]%".utf8.contains(byte): break
            case UInt8(ascii: "."):
                // Not `5...` and not `0.\overline{3}`.
                let next = text[at: place + 1]
                return next != byte
                    && !(next == UInt8(ascii: "\\") && text[at: place + 2]?.isLetter == true)
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                // `(5, x)` is a pair.
                return text[at: number.lowerBound - 1].map { "([{".utf8.contains($0) } != true
            case UInt8(ascii: "?"), UInt8(ascii: "="): return true
            case UInt8(ascii: ":"):
                return text[(place + 1)...].first { $0 != 32 }?.isDigit != true
            case UInt8(ascii: "<"):
                let next = text[at: place + 1] ?? 32
                return next.isLetter && !isTouching || "/|<".utf8.contains(next)
            case UInt8(ascii: ">"): return text[at: place + 1] == byte
            case UInt8(ascii: "*"), UInt8(ascii: "_"):
                let next = text[at: place + 1]
                guard isTouching,
                    next == byte || next.map({ !$0.isLetter && !$0.isDigit && $0 != 123 }) ?? true
                else { return false }
            case UInt8(ascii: "-"): return isDash(place)
            case UInt8(ascii: "/"):
                let word = text[(place + 1)..<text.end(of: \.isLetter, from: place + 1)]
                return AnswerWords.canBeUnit(word)
            case UInt8(ascii: "^"):
                guard text.has("^\\circ", at: place) || text.has("^{\\circ}", at: place) else {
                    return false
                }
                place += text.has("^{", at: place) ? 7 : 5
            case UInt8(ascii: "("): return !isTouching
            case UInt8(ascii: "\\"):
                guard let next = behindCommand(place) else { return false }
                guard next > place else { return true }
                place = next - 1
                isTouching = false
            case _ where byte.isLetter: return isFree(beforeWordAt: place, isTouching)
            case _ where byte >= 0x80:
                return !isTouching || Quantity.money(text, place) != nil
                    || Quantity.counter(text, place) != nil
            default: return false
            }
            place += 1
        }
        return true
    }

    /// Whether the hyphen at `place` is a dash and not a minus sign.
    private func isDash(_ place: Int) -> Bool {
        let start = text.end(of: { $0 == 32 || $0 == UInt8(ascii: "-") }, from: place)
        let end = text.end(of: \.isLetter, from: start)
        return end > start + 1
    }

    /// The index after a command; `place` itself if the text after it does not matter, `nil` if the command is
    /// part of a formula.
    private func behindCommand(_ place: Int) -> Int? {
        let end = text.end(of: \.isLetter, from: place + 1)
        guard end > place + 1 else {
            guard let sign = text[at: place + 1] else { return end }
            return sign == UInt8(ascii: "\\")
                ? place : "$%,;:!)] ".utf8.contains(sign) ? place + 2 : nil
        }
        switch String(decoding: text[(place + 1)..<min(end, place + 16)], as: UTF8.self) {
        case "text", "textbf", "mathrm", "mbox":
            guard text[at: end] == UInt8(ascii: "{") else { return nil }
            let word = text.end(of: \.isBlank, from: end + 1)
            guard text[at: word]?.isLetter == true else { return nil }
            let end = text.end(of: \.isLetter, from: word)
            return AnswerWords.canBeUnit(text[word..<end]) ? place : nil
        case "circ", "degree", "quad", "qquad", "right": return end
        case "approx", "implies", "Rightarrow", "rightarrow", "because": return place
        default: return nil
        }
    }

    private func isFree(beforeWordAt start: Int, _ isTouching: Bool) -> Bool {
        let end = text.end(of: \.isLetter, from: start)
        let word = text[start..<end]
        let spelled = String(decoding: word.prefix(16), as: UTF8.self)
        let small = spelled.lowercased()
        if isTouching { return AnswerWords.isTouchingUnit(spelled) }
        if text[at: end]?.isDigit == true {
            // `H2O` is a word, `x2` is a variable.
            return text[start] < 97
                && text.end(of: { $0.isLetter || $0.isDigit }, from: start) > start + 2
        }
        let nextStart = text.end(of: { $0 == 32 }, from: end)
        let nextWord = text[nextStart..<text.end(of: \.isLetter, from: nextStart)].prefix(16)
        let next = String(decoding: nextWord, as: UTF8.self).lowercased()
        switch small {
        case "and":
            return !AnswerWords.isNumber(next) && next.utf8.count != 1
                && text[at: nextStart]?.isDigit != true && text[at: nextStart] != 92
        case "more", "less", "fewer", "greater": return next != "than" && next != "or"
        case "times":
            return next.utf8.count != 1 && text[at: nextStart]?.isDigit != true || next == "a"
        case "to", "approximately", "up", "down", "below", "above", "between", "not", "wrong",
            "incorrect", "either", "without", "except", "under", "until", "unless":
            return next.utf8.count != 1 || next == "a"
        default: break
        }
        if AnswerWords.isUnit(spelled) || Self.shortWords.contains(small) { return small != "or" }
        return word.count > 2 && !AnswerWords.changesNumber(small)
    }
}
