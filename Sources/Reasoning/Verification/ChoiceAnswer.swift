/// The letter that a text gives as its answer to a multiple-choice question: the one in its last box, otherwise
/// the one after `answer is` or the like, otherwise a letter alone on its last line.
enum ChoiceAnswer {
    case letter(Character)

    /// The content of the box is not a letter.
    case notALetter(ArraySlice<UInt8>)

    /// The last box is not closed.
    case unfinished
    case none

    /// Finds the answer in a response.
    init(response: ArraySlice<UInt8>, options: ClosedRange<Character>) {
        let text = ResponseParts(response).firstAnswer {
            if case .letter = ChoiceAnswer($0, options: options) { true } else { false }
        }
        self.init(text, options: options)
    }

    /// Letters that are not in `options` are not taken as stated answers.
    private init(_ text: ArraySlice<UInt8>, options: ClosedRange<Character>) {
        let marks = AnswerMarks(text: text)
        switch marks.lastBox?.joined {
        case .open: self = .unfinished
        case .closed(let content):
            self =
                Self.option(Self.plain(content)).map(ChoiceAnswer.letter)
                ?? .notALetter(content)
        case nil:
            let stated = marks.statements(of: ["answer", "option", "choice"]).reversed().lazy
                .compactMap { Self.stated(Self.plain($0)) }.first(where: options.contains)
            let letter = stated ?? Self.confirmed(text) ?? Self.last(text)
            self = letter.flatMap { options.contains($0) ? .letter($0) : nil } ?? .none
        }
    }

    /// The letter that a text consists of, apart from brackets, emphasis and a full stop: `B`, `(B)`, `**B.**`,
    /// `\text{(b)}`.
    static func letter(_ text: ArraySlice<UInt8>) -> Character? {
        let text = bare(plain(text))
        guard text.count == 1, let letter = text.first, letter.isLetter else { return nil }
        return capital(letter)
    }

    /// The letter that a text consists of or that is followed by the text of the option: `B. Paris`, `(B)
    /// Paris`, `B: Paris`.
    private static func option(_ text: ArraySlice<UInt8>) -> Character? {
        if let letter = letter(text) { return letter }
        var start = text.end(of: isDecoration, from: text.startIndex)
        if text.has("\\text{", at: start) {
            start = text.end(of: isDecoration, from: start + 6)
        }
        guard let letter = text[at: start], letter.isLetter, let sign = text[at: start + 1],
            ".:)".utf8.contains(sign),
            text[at: start + 2].map({ $0.isBlank || $0 == UInt8(ascii: "}") }) == true,
            !joins(text[(start + 1)...])
        else { return nil }
        return capital(letter)
    }

    /// The capital letter with which the text after `answer is` begins. It may instead be a word, as in `T
    /// cells`: then the next word begins with a lower-case letter and is not in `reasons`. After `A` and `I`,
    /// any letter or digit means a word.
    private static func stated(_ text: ArraySlice<UInt8>) -> Character? {
        var start = text.end(of: isDecoration, from: text.startIndex)
        let words: [StaticString] = ["option ", "choice ", "Option ", "Choice ", "\\text{"]
        while let word = words.first(where: { text.has($0, at: start) }) {
            start = text.end(of: isDecoration, from: start + word.utf8CodeUnitCount)
        }
        guard let letter = text[at: start], letter.isLetter, letter < 97 else { return nil }
        let end = start + 1
        guard let next = text[at: end] else { return capital(letter) }
        if joins(text[end...]) { return nil }
        if ")]}.,;:!?\"'<".utf8.contains(next) { return capital(letter) }
        guard next.isBlank else { return nil }
        let follows = text.end(of: \.isBlank, from: end)
        guard let after = text[at: follows], after.isLetter || after.isDigit else {
            return capital(letter)
        }
        let word = text[follows..<text.end(of: \.isLetter, from: follows)].prefix(9)
        if reasons.contains(String(decoding: word, as: UTF8.self)) { return capital(letter) }
        let isArticle = letter == UInt8(ascii: "A") || letter == UInt8(ascii: "I")
        return isArticle || after >= 97 ? nil : capital(letter)
    }

    /// The letter of the last `option B is correct`.
    private static func confirmed(_ text: ArraySlice<UInt8>) -> Character? {
        let words: [StaticString] = ["ption ", "hoice ", "nswer "]
        let verdicts: [StaticString] = [
            "is correct", "is the correct", "is right", "is the right", "is the best",
        ]
        let text = plain(text)
        for place in text.indices.reversed() {
            guard let word = words.first(where: { text.has($0, at: place) }) else { continue }
            let start = text.end(of: isDecoration, from: place + word.utf8CodeUnitCount)
            guard let letter = text[at: start], letter.isLetter, letter < 97 else { continue }
            let end = text.end(of: { $0.isBlank || ")]}\"'".utf8.contains($0) }, from: start + 1)
            guard end > start + 1, verdicts.contains(where: { text.has($0, at: end) }) else {
                continue
            }
            // Skip assumptions and questions.
            let before = text[..<place]
            let stop = before.lastIndex { ".!?\n".utf8.contains($0) }
            let sentence = before[(stop ?? before.startIndex)...]
            if !has(["if", "suppose", "whether", "assume", "not", "think"], sentence) {
                return capital(letter)
            }
        }
        return nil
    }

    /// Whether a line contains a denial or doubt.
    private static func denies(_ line: ArraySlice<UInt8>) -> Bool {
        has(
            [
                "not", "never", "neither", "nor", "cannot", "isn", "wasn", "doesn", "wouldn",
                "wrong", "incorrect", "false", "perhaps", "maybe", "possibly",
            ], line)
    }

    /// Whether a sentence contains one of `words`.
    private static func has(_ words: Set<String>, _ sentence: ArraySlice<UInt8>) -> Bool {
        sentence.split { !$0.isLetter }.contains {
            words.contains(String(decoding: $0.prefix(9), as: UTF8.self).lowercased())
        }
    }

    /// Whether another letter is joined to the one before: `A, B`, `A & B`, `A/B`, `A and B`, `(A), (B)`, `A or
    /// maybe B`.
    private static func joins(_ tail: ArraySlice<UInt8>) -> Bool {
        func isFree(_ byte: UInt8) -> Bool { isDecoration(byte) || ")]}$".utf8.contains(byte) }
        var place = tail.end(of: isFree, from: tail.startIndex)
        let words: [StaticString] = [
            ",", ";", "&", "/", "+", "\\&", "and ", "or ", "nor ", "else ", "maybe ", "perhaps ",
            "possibly ",
            "probably ", "also ", "even ", "option ", "choice ",
        ]
        let first = place
        while let word = words.first(where: { tail.has($0, at: place) }) {
            place = tail.end(of: isFree, from: place + word.utf8CodeUnitCount)
        }
        guard place > first, let letter = tail[at: place], letter.isLetter, letter < 97 else {
            return false
        }
        let next = tail[at: place + 1] ?? 46
        return !next.isLetter && !(letter == UInt8(ascii: "I") && next.isBlank)
    }

    /// Words that may follow a letter that is an answer.
    private static let reasons: Set<String> = [
        "because", "since", "as", "is", "for", "due", "given", "by", "so", "which", "where",
        "while",
        "but", "not", "rather", "instead",
    ]

    /// A letter alone on the last line; otherwise a bracketed letter in that line, if it is the only one and
    /// the line denies nothing; otherwise a letter before the text of an option, if there is only one line.
    private static func last(_ text: ArraySlice<UInt8>) -> Character? {
        let lines = text.split { $0 == 10 || $0 == 13 }.filter { !$0.trimmed.isEmpty }
        guard let line = lines.last else { return nil }
        let cleaned = plain(line)
        if let letter = letter(line) { return letter }
        let open = cleaned.indices.filter { cleaned[$0] == UInt8(ascii: "(") }
        let bracketed = open.filter {
            cleaned[at: $0 + 1]?.isLetter == true && cleaned[at: $0 + 2] == UInt8(ascii: ")")
        }
        let letters = Set(bracketed.map { capital(cleaned[$0 + 1]) })
        guard letters.count < 2, letters.isEmpty || !denies(cleaned) else { return nil }
        return letters.first ?? (lines.count == 1 ? option(cleaned) : nil)
    }

    /// The text without emphasis and formatting commands.
    private static func plain(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        LaTeXCleaner.cleaned(text.filter { !"*_`".utf8.contains($0) }[...])[...]
    }

    private static func bare(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        let start = text.end(of: isDecoration, from: text.startIndex)
        text = text[start...]
        if text.has("\\text{", at: start) {
            text = text[(start + 6)...]
            text = text[text.end(of: isDecoration, from: text.startIndex)...]
        }
        while let last = text.last, isDecoration(last) || ")]}.:".utf8.contains(last) {
            text.removeLast()
        }
        return text
    }

    private static func isDecoration(_ byte: UInt8) -> Bool {
        byte.isBlank || "([{\"'".utf8.contains(byte)
    }

    private static func capital(_ letter: UInt8) -> Character {
        Character(UnicodeScalar(letter & ~32))
    }
}

extension Verifier {
    /// The options are taken from `question` if it lists them; otherwise they are A to Z.
    static func choice(_ response: String, _ gold: String, question: String?) -> Verdict {
        let gold = AnswerText.bytes(of: gold)[...]
        guard let wanted = ChoiceAnswer.letter(gold) else {
            return .unjudged("the reference answer '\(gold.shown)' is not a letter")
        }
        let options = question.flatMap(MultipleChoice.options) ?? "A"..."Z"
        switch ChoiceAnswer(response: AnswerText.bytes(of: response)[...], options: options) {
        case .letter(let given):
            return .judged(given == wanted, String(given), String(wanted))
        case .unfinished: return .wrong("the last \\boxed has no end")
        case .notALetter(let content): return .wrong("'\(content.shown)' is not one letter")
        case .none: return .wrong("no letter is given as the answer")
        }
    }
}
