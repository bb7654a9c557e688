// The text before the number.
extension NumberContext {
    func isFree(before end: Int) -> Bool {
        var place = end - 1
        var isTouching = true
        while let byte = text[at: place], end - place < Self.reach {
            switch byte {
            case 10, 13: return true
            case _ where byte.isBlank || "$`\"'~%".utf8.contains(byte):
                isTouching = isTouching && byte == UInt8(ascii: "$")
            case UInt8(ascii: "\\"): break
            case UInt8(ascii: "*"), UInt8(ascii: "_"):
                // Emphasis marks touch their text or another mark.
                guard isTouching || text[at: place - 1] == byte || text[at: place + 1] == byte
                else { return false }
                if byte == UInt8(ascii: "_"),
                    text[at: place - 1].map({ $0.isLetter || $0.isDigit }) == true
                {
                    return false
                }
            case UInt8(ascii: "("), UInt8(ascii: "["):
                let before = text[at: place - 1] ?? 32
                let isMark = before == UInt8(ascii: "\\")
                if !isMark, before.isLetter || before.isDigit || ")]}".utf8.contains(before) {
                    return false
                }
            case UInt8(ascii: "{"):
                guard let start = textCommand(before: place) else { return false }
                place = start
                isTouching = false
            case UInt8(ascii: "="): return isResult(of: text[..<place])
            case UInt8(ascii: "<"): return false
            case UInt8(ascii: ">"):
                let before = text[at: place - 1] ?? 10
                return isTag(endingAt: place) || before == byte || before == 10
                    || before == UInt8(ascii: "-") || before == UInt8(ascii: "=")
            case UInt8(ascii: "+"):
                // A sign, if it touches the number and no operand precedes it.
                let before = text[..<place].trimmed.last
                return place == end - 1
                    && before.map { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") } ?? true
            case UInt8(ascii: ":"):
                let before = text[..<place].trimmed.last
                return before?.isDigit != true
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "."): return true
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): return !isTouching
            case _ where byte.isDigit: return !isIndex(endingAt: place)
            case _ where byte.isLetter: return isFree(afterWordAt: place)
            case _ where byte >= 0x80: return !isTouching || !isSymbol(endingAt: place)
            default: return false
            }
            place -= 1
        }
        return true
    }

    /// Whether the bracket at `place` ends a tag such as `<answer>`.
    private func isTag(endingAt place: Int) -> Bool {
        var start = place - 1
        while start > text.startIndex, text[start].isLetter, place - start < 20 { start -= 1 }
        return start < place - 1 && (text[at: start] == UInt8(ascii: "<") || text[at: start] == 47)
    }

    /// The start of a command that only formats text and whose brace is at `place`.
    private func textCommand(before place: Int) -> Int? {
        var start = place
        while start > text.startIndex, text[start - 1].isLetter { start -= 1 }
        guard text[at: start - 1] == UInt8(ascii: "\\") else { return nil }
        let names = [
            "text", "textbf", "textit", "mathrm", "mathbf", "mbox", "boxed", "fbox", "emph",
        ]
        return names.contains(String(decoding: text[start..<place], as: UTF8.self))
            ? start - 1 : nil
    }

    /// Whether the digits are an index or exponent.
    private func isIndex(endingAt place: Int) -> Bool {
        var place = place
        while let byte = text[at: place], byte.isDigit { place -= 1 }
        return text[at: place] == UInt8(ascii: "_") || text[at: place] == UInt8(ascii: "^")
    }

    /// Whether the words that end at `place` leave the number unchanged.
    private func isFree(afterWordAt place: Int) -> Bool {
        var end = place + 1
        for count in 0..<3 {
            var start = end
            while start > text.startIndex, text[start - 1].isLetter { start -= 1 }
            guard start < end else { return true }
            let before = text[at: start - 1]
            let word = String(decoding: text[start..<end].suffix(16), as: UTF8.self)
            if before == UInt8(ascii: "\\") {
                return count > 0 || Self.harmless.contains(word)
            }
            let small = word.lowercased()
            if count == 0, AnswerWords.deniesNumber(small) { return false }
            if small == "not" || small == "never" || small == "neither" || small == "between" {
                return false
            }
            if before == UInt8(ascii: "'"), small == "t" { return false }
            var next = start
            while next > text.startIndex, text[next - 1] == 32 { next -= 1 }
            guard next < start else { return true }
            end = next
        }
        return true
    }

    /// Commands that may precede an answer.
    private static let harmless: Set<String> = [
        "quad", "qquad", "displaystyle", "approx", "therefore", "implies", "Rightarrow",
        "rightarrow", "Longrightarrow", "left", "big", "n", "t",
    ]

    private func isSymbol(endingAt place: Int) -> Bool {
        var start = place
        while start > text.startIndex, text[start] & 0xC0 == 0x80 { start -= 1 }
        guard let scalar = String(decoding: text[start...place], as: UTF8.self).unicodeScalars.first
        else { return false }
        return scalar.properties.generalCategory == .mathSymbol
    }

    /// Whether the number after `=` is the value of its left side: of a name, words or numbers.
    private func isResult(of left: ArraySlice<UInt8>) -> Bool {
        let start = max(left.startIndex, left.endIndex - Self.reach)
        let near = left[start...]
        let cut = near.lastIndex { $0 == 10 || $0 == 13 || "$,;=".utf8.contains($0) }
        // In `$2x$ = 10` the left side is between the dollar signs.
        var side = near[(cut.map { $0 + 1 } ?? start)...].trimmed
        if side.isEmpty, let cut, near[cut] == UInt8(ascii: "$") {
            let before = near[..<cut]
            side =
                before[
                    (before.lastIndex { $0 == 10 || $0 == UInt8(ascii: "$") }.map { $0 + 1 }
                        ?? start)...
                ].trimmed
        }
        guard let last = side.last else { return true }
        if "<>!:~".utf8.contains(last) { return last == UInt8(ascii: ":") }
        if QuantityName.isVariable(side) { return true }
        // Words end a formula. The formula after them has at most one-letter names.
        var end = side.endIndex
        var hasVariable = false
        var hasSign = false
        while end > side.startIndex {
            let byte = side[end - 1]
            guard byte.isLetter else {
                hasSign = hasSign || byte.isDigit || "+-*/^_!(){}|".utf8.contains(byte)
                end -= 1
                continue
            }
            var start = end
            while start > side.startIndex, side[start - 1].isLetter { start -= 1 }
            let word = String(decoding: side[start..<end].prefix(16), as: UTF8.self)
            if side[at: start - 1] == UInt8(ascii: "\\") {
                if ![
                    "times", "cdot", "div", "frac", "dfrac", "tfrac", "sqrt", "text", "left",
                    "right",
                ].contains(word) {
                    hasVariable = true
                }
                end = start - 1
                continue
            }
            if end - start > 2 || Self.shortWords.contains(word.lowercased()) {
                // `Total = 18`, `3 eggs * 2 = 6`.
                if end == side.endIndex || hasVariable { break }
            } else {
                hasVariable = true
            }
            end = start
        }
        return !hasVariable || !hasSign
    }

    static let shortWords: Set<String> = [
        "is", "as", "in", "of", "to", "by", "so", "we", "it", "if", "on", "at", "an", "be", "he",
        "do", "no", "up", "us", "my", "me", "a", "i", "or", "am", "go",
    ]
}
