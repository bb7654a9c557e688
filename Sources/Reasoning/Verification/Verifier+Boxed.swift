extension Verifier {
    static func boxed(_ response: String, _ gold: String, _ options: BoxedOptions) -> Verdict {
        let gold = AnswerText.bytes(of: gold)[...]
        let wanted: ArraySlice<UInt8>
        switch AnswerMarks(text: gold).lastBox?.joined {
        case .closed(let content): wanted = content
        case .open: return .unjudged("the last \\boxed of the reference answer has no end")
        case nil: wanted = gold
        }
        let response = AnswerText.bytes(of: response)[...]
        let answer = ResponseParts(response).firstAnswer { AnswerMarks(text: $0).lastBox != nil }
        switch AnswerMarks(text: answer).lastBox?.joined {
        case nil: return .wrong("no \\boxed answer")
        case .open: return .wrong("the last \\boxed has no end")
        case .closed(let content): return compared(content, wanted, options)
        }
    }

    /// The maximum length of an answer, in bytes. Longer answers are compared as text or not judged.
    private static let lengthLimit = 1 << 16

    private static func compared(
        _ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>, _ options: BoxedOptions
    ) -> Verdict {
        guard max(given.count, wanted.count) <= lengthLimit else {
            return given.elementsEqual(wanted)
                ? .judged(true, given.shown, wanted.shown)
                : .unjudged("an answer of over \(lengthLimit) bytes")
        }
        let given = Approximation(LaTeXCleaner.cleaned(given)[...])
        let wanted = Approximation(LaTeXCleaner.cleaned(wanted)[...])
        let comparison = BoxedComparison(given.value, wanted.value, options)
        if comparison.isEqual {
            return .judged(true, comparison.given.text, comparison.wanted.text)
        }
        // The rounding next to a value is accepted as well.
        for (given, wanted) in [(given.rounded, wanted.value), (given.value, wanted.rounded)] {
            guard let given, let wanted else { continue }
            let other = BoxedComparison(given, wanted, options)
            if other.isEqual { return .judged(true, other.given.text, other.wanted.text) }
        }
        return unequal(comparison.given, comparison.wanted)
    }

    private static func unequal(_ given: MathematicalForm, _ wanted: MathematicalForm) -> Verdict {
        let isSameKind =
            given.kind == wanted.kind || given.kind == .single || wanted.kind == .single
        let mayBeRounding = given.mayBeRounding(of: wanted)
        guard !(given.isDecided && wanted.isDecided && isSameKind && !mayBeRounding) else {
            return .judged(false, given.text, wanted.text)
        }
        let (left, right) = (
            Array(given.text.utf8)[...].shown, Array(wanted.text.utf8)[...].shown
        )
        let reason =
            mayBeRounding
            ? "depends on how far numbers may be rounded"
            : isSameKind || !given.isDecided || !wanted.isDecided
                ? "needs algebra, which the verifier 'external' can have"
                : "depends on what the brackets mean"
        return .unjudged(
            "whether '\(left)' equals '\(right)' \(reason)", extracted: given.text)
    }

    /// Whether the text has Indian currency or number words, which imply groups of two digits.
    static func asksForLakhs(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.contains(UInt8(ascii: ",")) else { return false }
        let words: [StaticString] = ["Rs", "rupee", "lakh", "crore", "INR"]
        return text.indices.contains { place in
            guard "RIrlc".utf8.contains(text[place]) else { return false }
            guard let word = words.first(where: { text.has($0, at: place) }) else { return false }
            let end = place + word.utf8CodeUnitCount
            return text[at: place - 1]?.isLetter != true
                && (word.utf8CodeUnitCount > 3 || text[at: end]?.isLetter != true)
        }
    }
}
