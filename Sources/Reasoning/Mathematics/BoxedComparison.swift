/// Compares the contents of two boxes. Names and relations that only one of them has are dropped, and ambiguous
/// notation is read like that of the other.
struct BoxedComparison {
    /// The forms of the response and of the reference answer.
    let (given, wanted): (MathematicalForm, MathematicalForm)
    let isEqual: Bool

    /// Compares cleaned LaTeX.
    init(_ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>, _ options: BoxedOptions) {
        let (givenText, wantedText) = Self.aligned(given, wanted, options)
        var given = Self.form(givenText)
        // Often both have the same spelling.
        var wanted = givenText.elementsEqual(wantedText) ? given : Self.form(wantedText)
        if !given.matches(wanted, options) {
            // Read commas in the Indian way or as decimal points if the other is such a number.
            if given.kind == .list {
                given =
                    Self.number(givenText, .indian, as: wanted, wantedText)
                    ?? Self.number(givenText, .decimalComma, as: wanted, wantedText) ?? given
            } else if wanted.kind == .list {
                wanted = Self.number(wantedText, .decimalComma, as: given, givenText) ?? wanted
            }
        }
        (self.given, self.wanted) = (given, wanted)
        // `x > 2 or x < 5` is not `x > 2 and x < 5`; for values, both words only separate a list.
        let areStatements = [given, wanted].contains { form in
            form.kind == .list && !form.parts.allSatisfy { $0.number != nil || $0.kind == .tuple }
        }
        guard !areStatements || Self.isDivided(givenText) == Self.isDivided(wantedText) else {
            isEqual = false
            return
        }
        isEqual =
            given.matches(wanted, options)
            || Self.isBareTuple(givenText, given, of: wanted, wantedText, options)
            || Self.isBareTuple(wantedText, wanted, of: given, givenText, options)
    }

    /// Whether a text contains the word `or`.
    private static func isDivided(_ text: ArraySlice<UInt8>) -> Bool {
        Separators.alternatives(of: text).count > 1
    }

    private static func form(_ text: ArraySlice<UInt8>) -> MathematicalForm {
        MathematicalForm(text, grouping: Verifier.asksForLakhs(text) ? .indian : .thousands)
    }

    /// Rereads a list as a number with another meaning of its commas, if that number is `other`. For a decimal
    /// comma, `other` must have a decimal point.
    private static func number(
        _ text: ArraySlice<UInt8>, _ grouping: NumberScanner.Grouping, as other: MathematicalForm,
        _ otherText: ArraySlice<UInt8>
    ) -> MathematicalForm? {
        guard other.number != nil,
            grouping != .decimalComma || otherText.contains(UInt8(ascii: "."))
        else { return nil }
        let number = MathematicalForm(text, grouping: grouping)
        return number == other ? number : nil
    }

    /// Whether `bare` is the tuple without its parentheses.
    private static func isBareTuple(
        _ bare: ArraySlice<UInt8>, _ form: MathematicalForm, of tuple: MathematicalForm,
        _ text: ArraySlice<UInt8>, _ options: BoxedOptions
    ) -> Bool {
        let (bare, text) = (bare.trimmed, text.trimmed)
        guard form.kind == .list, !form.isSet, tuple.kind == .tuple, text.first == 40,
            text.last == 41, Separators.alternatives(of: bare).count == 1
        else { return false }
        // Braces without a backslash are invisible in LaTeX.
        let isGroup = bare.first == UInt8(ascii: "{") && Separators.isClosedAtEnd(bare)
        let inner = isGroup ? bare.dropFirst().dropLast() : bare
        let pair = MathematicalForm((Array("(".utf8) + inner + Array(")".utf8))[...])
        return pair.matches(tuple, options)
    }

    /// Removes names or relations that only one of the two has or that both share: `x = 5` answers a question
    /// with the reference answer 5, and vice versa.
    private static func aligned(
        _ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>, _ options: BoxedOptions
    ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        let equals = UInt8(ascii: "=")
        switch (NamedAnswer(given), NamedAnswer(wanted)) {
        case (let answer?, nil) where !wanted.contains(equals) && answer.isInOrder:
            return (answer.value, wanted)
        case (nil, let answer?) where !given.contains(equals): return (given, answer.value)
        case (let left?, let right?)
        where left.names == right.names || left.names.isEmpty || right.names.isEmpty:
            return (left.value, right.value)
        default: break
        }
        switch (Inequality(given), Inequality(wanted)) {
        case (let left?, nil)
        where !hasRelation(wanted) && (left.isMembership || options.hasRelations):
            return (left.interval[...], wanted)
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
}
