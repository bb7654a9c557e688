/// The number that a text gives as its answer: what its last `####` or box marks, or else what it says that the
/// answer is, or else its last number.
enum NumericAnswer {
    case number(Rational?, spelling: ArraySlice<UInt8>)

    /// What is marked as the answer is not one number.
    case notANumber(ArraySlice<UInt8>)

    /// The last box is not closed.
    case unfinished
    case none

    init(_ text: ArraySlice<UInt8>) {
        let marks = AnswerMarks(text: text)
        let line = marks.lastNumberedLine
        if let box = marks.lastBox, box.start > line?.start ?? -1 {
            self = Self.boxed(box.content)
        } else if let line {
            self = .number(
                Quantity(line.content, hasVariables: false)?.value, spelling: line.content.trimmed)
        } else {
            self = Self.stated(marks) ?? Self.last(text)
        }
    }

    private static func boxed(_ content: LastBox.Content) -> NumericAnswer {
        guard case .closed(let content) = content else { return .unfinished }
        guard let quantity = Quantity(content.rightHandSide, hasVariables: false) else {
            return .notANumber(content)
        }
        return .number(quantity.value, spelling: content.rightHandSide.trimmed)
    }

    private static func stated(_ marks: AnswerMarks) -> NumericAnswer? {
        for statement in marks.statements(of: ["answer"]).reversed() {
            var scanner = NumberScanner(statement)
            guard var number = scanner.next() else { continue }
            if continues(statement[number.range.upperBound...]) {
                // A calculation, whose result is behind its last `=`.
                var result = NumberScanner(statement.rightHandSide)
                guard let last = result.next() else { continue }
                number = last
            }
            return .number(number.value, spelling: statement[number.range])
        }
        return nil
    }

    /// Whether a number is followed by what makes it the beginning of a calculation.
    private static func continues(_ tail: ArraySlice<UInt8>) -> Bool {
        guard tail.contains(UInt8(ascii: "=")), let next = tail.first(where: { !$0.isBlank }) else {
            return false
        }
        let operators: [StaticString] = ["\\times", "\\cdot", "\\div"]
        let start = tail.end(of: \.isBlank, from: tail.startIndex)
        return "+-*/=x".utf8.contains(next) || operators.contains { tail.has($0, at: start) }
    }

    private static func last(_ text: ArraySlice<UInt8>) -> NumericAnswer {
        var scanner = NumberScanner(text)
        var last: NumberScanner.Found?
        while let next = scanner.next() { last = next }
        return last.map { .number($0.value, spelling: text[$0.range]) } ?? .none
    }
}
