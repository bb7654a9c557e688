/// The number that a text gives as its answer: the one marked by its last `####` or box, otherwise the one
/// after `answer is`, otherwise its last number. A number in a formula or a list, or one that is denied, does
/// not count.
enum NumericAnswer {
    case number(Rational?, spelling: ArraySlice<UInt8>)

    /// The given answer is not a single number.
    case notANumber(ArraySlice<UInt8>)

    /// The last box is not closed.
    case unfinished
    case none

    /// Finds the answer in a response.
    init(response: ArraySlice<UInt8>, grouping: NumberScanner.Grouping = .thousands) {
        let text = ResponseParts(response).firstAnswer {
            if case .number = NumericAnswer($0, grouping) { true } else { false }
        }
        self.init(text, grouping)
    }

    /// Reads a reference answer, which is a number or a solution that marks or states one.
    init(reference text: ArraySlice<UInt8>, grouping: NumberScanner.Grouping? = nil) {
        let grouping = grouping ?? (Verifier.asksForLakhs(text) ? .indian : .thousands)
        let marks = AnswerMarks(text: text)
        let alone = Assignment.value(of: text) ?? text
        if let marked = Self.marked(marks, grouping) {
            self = marked
        } else if let quantity = Quantity(alone, hasVariables: false, grouping: grouping) {
            self = .number(quantity.value, spelling: alone.trimmed)
        } else {
            var scanner = NumberScanner(text)
            self =
                Self.stated(marks, grouping)
                ?? (scanner.next() == nil ? .none : .notANumber(text))
        }
    }

    private init(_ text: ArraySlice<UInt8>, _ grouping: NumberScanner.Grouping) {
        let marks = AnswerMarks(text: text)
        self =
            Self.marked(marks, grouping) ?? Self.stated(marks, grouping)
            ?? Self.last(text, grouping)
    }

    private static func marked(
        _ marks: AnswerMarks, _ grouping: NumberScanner.Grouping
    ) -> NumericAnswer? {
        let line = marks.lastNumberedLine
        if let box = marks.lastBox, box.start > line?.start ?? -1 {
            guard case .closed(let content) = box.joined else { return .unfinished }
            return alone(content, grouping)
        }
        return line.map { alone($0.content, grouping) }
    }

    private static func alone(
        _ content: ArraySlice<UInt8>, _ grouping: NumberScanner.Grouping
    ) -> NumericAnswer {
        let value = Assignment.value(of: content) ?? content
        guard let quantity = Quantity(value, hasVariables: false, grouping: grouping) else {
            return .notANumber(content)
        }
        return .number(quantity.value, spelling: value.trimmed)
    }

    private static func stated(
        _ marks: AnswerMarks, _ grouping: NumberScanner.Grouping
    ) -> NumericAnswer? {
        for statement in marks.statements(of: ["answer"]).reversed() {
            var scanner = NumberScanner(statement, grouping: grouping)
            guard var number = scanner.next() else {
                // `3:4` and `$x$` are answers without a number.
                if scanner.lastLookalike != nil || isFormula(statement) {
                    return .notANumber(statement)
                }
                continue
            }
            if continues(statement[number.range.upperBound...])
                || scanner.lastLookalike.map({ isEquation(statement[$0...]) }) == true
            {
                // In a calculation the result follows the last `=`.
                guard let equals = statement.lastIndex(of: UInt8(ascii: "=")) else { continue }
                scanner = NumberScanner(statement[(equals + 1)...], grouping: grouping)
                guard let last = scanner.next() else { return .notANumber(statement) }
                number = last
            } else if let lookalike = scanner.lastLookalike, lookalike < number.range.lowerBound {
                return .notANumber(statement)
            }
            let context = NumberContext(text: statement, number: number.range)
            let next = scanner.next()?.range ?? scanner.lastLookalike.map { $0..<$0 }
            guard context.isAlone, !context.isJoined(to: next) else {
                return .notANumber(statement)
            }
            return .number(number.value, spelling: statement[number.range])
        }
        return nil
    }

    /// Whether a statement without a number begins with a formula: mathematics or a single letter.
    private static func isFormula(_ statement: ArraySlice<UInt8>) -> Bool {
        let start = statement.end(
            of: { $0.isBlank || "*_`".utf8.contains($0) }, from: statement.startIndex)
        guard let first = statement[at: start] else { return false }
        if first == UInt8(ascii: "$") || first == UInt8(ascii: "\\") {
            return !statement.has("\\text", at: start)
        }
        let end = statement.end(of: \.isLetter, from: start)
        return end == start + 1 && first | 32 != UInt8(ascii: "a") && first != UInt8(ascii: "I")
    }

    private static func isEquation(_ text: ArraySlice<UInt8>) -> Bool {
        text.contains(UInt8(ascii: "="))
    }

    /// Whether the text after a number shows that it begins a calculation.
    private static func continues(_ tail: ArraySlice<UInt8>) -> Bool {
        guard tail.contains(UInt8(ascii: "=")), let next = tail.first(where: { !$0.isBlank }) else {
            return false
        }
        let operators: [StaticString] = ["\\times", "\\cdot", "\\div"]
        let start = tail.end(of: \.isBlank, from: tail.startIndex)
        return "+-*/=x".utf8.contains(next) || operators.contains { tail.has($0, at: start) }
    }

    private static func last(
        _ text: ArraySlice<UInt8>, _ grouping: NumberScanner.Grouping
    ) -> NumericAnswer {
        var scanner = NumberScanner(text, grouping: grouping)
        var before: NumberScanner.Found?
        var last: NumberScanner.Found?
        while let next = scanner.next() { (before, last) = (last, next) }
        guard let last else { return .none }
        let context = NumberContext(text: text, number: last.range)
        let isJoined =
            before.map {
                NumberContext(text: text, number: $0.range).isJoined(to: last.range)
            } ?? false
        let isInFormula = scanner.lastLookalike.map { context.isJoined(to: $0..<$0) } ?? false
        guard context.isAlone, !isJoined, !isInFormula else {
            return .notANumber(context.sentence)
        }
        return .number(last.value, spelling: text[last.range])
    }
}
