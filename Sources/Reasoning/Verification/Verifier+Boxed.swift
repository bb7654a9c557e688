extension Verifier {
    static func boxed(_ response: String, _ gold: String) -> Verdict {
        let gold = AnswerText.bytes(of: gold)[...]
        let wanted: ArraySlice<UInt8>
        switch AnswerMarks(text: gold).lastBox?.content {
        case .closed(let content): wanted = content
        case .open: return .wrong("not judged: the last \\boxed of the reference answer has no end")
        case nil: wanted = gold
        }
        switch AnswerMarks(text: AnswerText.bytes(of: response)[...]).lastBox?.content {
        case nil: return .wrong("no \\boxed answer")
        case .open: return .wrong("the last \\boxed has no end")
        case .closed(let content): return compared(content, wanted)
        }
    }

    private static func compared(_ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>) -> Verdict
    {
        var given = LaTeXCleaner.cleaned(given)[...]
        var wanted = LaTeXCleaner.cleaned(wanted)[...]
        // `x = 5` answers a question whose reference answer is 5, and the other way round.
        switch (value(of: given), value(of: wanted)) {
        case (let value?, nil): given = value
        case (nil, let value?): wanted = value
        default: break
        }
        let (form, wantedForm) = (MathematicalForm(given), MathematicalForm(wanted))
        guard form.text != wantedForm.text, !(form.isDecided && wantedForm.isDecided) else {
            return .judged(form.text == wantedForm.text, form.text, wantedForm.text)
        }
        let (left, right) = (
            Array(form.text.utf8)[...].shown, Array(wantedForm.text.utf8)[...].shown
        )
        return Verdict(
            isCorrect: false,
            reason:
                "not judged: whether '\(left)' equals '\(right)' needs algebra, which the verifier "
                + "'external' can have", extracted: form.text)
    }

    /// What is on the right of a variable and the only `=`.
    private static func value(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")),
            equals == text.lastIndex(of: UInt8(ascii: "="))
        else { return nil }
        var name = text[..<equals].trimmed
        if name.first == UInt8(ascii: "\\") {
            // A letter such as `\theta`.
            return name.dropFirst().allSatisfy(\.isLetter) ? text[(equals + 1)...] : nil
        }
        guard name.first?.isLetter == true else { return nil }
        name.removeFirst()
        let isFunction =
            name.first == UInt8(ascii: "(") && name.last == UInt8(ascii: ")") && name.count == 3
        let isIndexed = name.first == UInt8(ascii: "_") && name.count < 6
        return name.isEmpty || isFunction || isIndexed ? text[(equals + 1)...] : nil
    }
}
