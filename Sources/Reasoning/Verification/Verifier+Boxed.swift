extension Verifier {
    static func boxed(_ response: String, _ gold: String) -> Verdict {
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
        case .closed(let content): return compared(content, wanted)
        }
    }

    /// Nobody's answer is longer; what is looks the same or is not judged.
    private static let lengthLimit = 1 << 16

    private static func compared(_ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>) -> Verdict
    {
        guard max(given.count, wanted.count) <= lengthLimit else {
            return given.elementsEqual(wanted)
                ? .judged(true, given.shown, wanted.shown)
                : .unjudged("an answer of over \(lengthLimit) bytes")
        }
        let (given, wanted) = aligned(
            LaTeXCleaner.cleaned(given)[...], LaTeXCleaner.cleaned(wanted)[...])
        let wantedForm = MathematicalForm(
            wanted, grouping: asksForLakhs(wanted) ? .indian : .thousands)
        var form = MathematicalForm(given, grouping: asksForLakhs(given) ? .indian : .thousands)
        // Commas between twos of digits separate a list, unless the reference answer is their number.
        if form != wantedForm, wantedForm.number != nil, form.kind == .list {
            let number = MathematicalForm(given, grouping: .indian)
            if number == wantedForm { form = number }
        }
        if form == wantedForm || isPercentage(form, wantedForm)
            || isBareTuple(given, form, of: wanted, wantedForm)
            || isBareTuple(wanted, wantedForm, of: given, form)
        {
            return .judged(true, form.text, wantedForm.text)
        }
        let kinds = [form.kind, wantedForm.kind]
        let isSameKind = kinds[0] == kinds[1] || kinds.contains(.single)
        guard !(form.isDecided && wantedForm.isDecided && isSameKind) else {
            return .judged(false, form.text, wantedForm.text)
        }
        let (left, right) = (
            Array(form.text.utf8)[...].shown, Array(wantedForm.text.utf8)[...].shown
        )
        let reason =
            isSameKind || !form.isDecided || !wantedForm.isDecided
            ? "needs algebra, which the verifier 'external' can have"
            : "depends on what the brackets mean"
        return .unjudged(
            "whether '\(left)' equals '\(right)' \(reason)", extracted: form.text)
    }

    /// Whether the first is a pair, or more, without the parentheses of the second.
    private static func isBareTuple(
        _ bare: ArraySlice<UInt8>, _ bareForm: MathematicalForm, of tuple: ArraySlice<UInt8>,
        _ tupleForm: MathematicalForm
    ) -> Bool {
        let (bare, tuple) = (bare.trimmed, tuple.trimmed)
        guard bareForm.kind == .list, tupleForm.kind == .tuple, bare.first != UInt8(ascii: "{"),
            tuple.first == UInt8(ascii: "("), tuple.last == UInt8(ascii: ")")
        else { return false }
        return MathematicalForm((Array("(".utf8) + bare + Array(")".utf8))[...]) == tupleForm
    }

    /// Both without what only one says of its variable: `x = 5` answers a question whose reference answer is 5, and
    /// the other way round.
    private static func aligned(
        _ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>
    ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        for value in [Assignment.value, Assignment.values] {
            switch (value(given), value(wanted)) {
            case (let value?, nil): return (value, wanted)
            case (nil, let value?): return (given, value)
            default: break
            }
        }
        switch (Inequality(given), Inequality(wanted)) {
        case (let left?, nil) where !hasRelation(wanted): return (left.interval[...], wanted)
        case (nil, let right?) where !hasRelation(given): return (given, right.interval[...])
        case (let left?, let right?) where left.variable == right.variable:
            return (left.interval[...], right.interval[...])
        default: return (given, wanted)
        }
    }

    private static func hasRelation(_ text: ArraySlice<UInt8>) -> Bool {
        text.contains { "=<>".utf8.contains($0) }
            || text.indices.contains { text.has("\\le ", at: $0) || text.has("\\ge ", at: $0) }
    }

    /// Whether one is a percentage that the other is the fraction of: 50\% is 50 here, and 0.5, too.
    private static func isPercentage(_ form: MathematicalForm, _ other: MathematicalForm) -> Bool {
        guard let (value, isPercentage) = form.number, let (second, isSecond) = other.number,
            isPercentage != isSecond, let hundred = ExactValue.whole(100)
        else { return false }
        return isPercentage
            ? second.multiplied(by: hundred) == value : value.multiplied(by: hundred) == second
    }

    /// Whether a number counts money of India or names its units, which groups of two digits go with.
    static func asksForLakhs(_ text: ArraySlice<UInt8>) -> Bool {
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
