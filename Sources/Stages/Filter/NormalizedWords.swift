extension String {
    /// The lower-case words without punctuation: `x = 3.5` has the words x, 3 and 5. Full-width letters and
    /// digits are mapped to ASCII. In scripts without blanks, every character is a word.
    var normalizedWords: [Substring] {
        let text = Self.narrowed(lowercased())
        var words: [Substring] = []
        var start: String.Index?
        for index in text.indices {
            let character = text[index]
            let kind = Self.kind(of: character)
            if kind != .part, let first = start {
                words.append(text[first..<index])
                start = nil
            }
            switch kind {
            case .part: start = start ?? index
            case .word: words.append(text[index...index])
            case .blank: break
            }
        }
        if let start { words.append(text[start...]) }
        return words
    }

    private enum Kind { case blank, part, word }

    private static func kind(of character: Character) -> Kind {
        // Looking up Unicode properties takes longer than everything else.
        if let ascii = character.asciiValue {
            return (97...122).contains(ascii) || (48...57).contains(ascii) ? .part : .blank
        }
        guard character.isLetter || character.isNumber else { return .blank }
        return character.unicodeScalars.first.map { isWithoutBlanks($0.value) } == true
            ? .word : .part
    }

    /// Whether the script of a character has no blanks between words: Chinese, Japanese, Thai, Lao, Burmese,
    /// Khmer.
    private static func isWithoutBlanks(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2E80...0x2FDF, 0x3005...0x3007,
            0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// Replaces full-width characters by ASCII.
    private static func narrowed(_ text: String) -> String {
        let full: ClosedRange<UInt32> = 0xFF01...0xFF5E
        guard text.unicodeScalars.contains(where: { full.contains($0.value) }) else { return text }
        var narrow = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let value = full.contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
            if let scalar = Unicode.Scalar(value) { narrow.append(scalar) }
        }
        return String(narrow)
    }

    /// The lower-case text with runs of whitespace replaced by one blank. Punctuation is kept, because `2 + 3`
    /// is not `2 - 3`.
    var normalizedText: String {
        lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
