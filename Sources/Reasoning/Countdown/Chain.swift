/// A calculation from left to right: `4 * 8 = 32 + 7 = 39`.
package struct Chain: Hashable, Sendable {
    package enum Operator: String, Hashable, Sendable, CaseIterable {
        case plus = "+"
        case minus = "-"
        case times = "*"

        /// Operands are from 0 to 99, so the result cannot overflow.
        func apply(_ left: Int, _ right: Int) -> Int {
            switch self {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            }
        }
    }

    /// The range of intermediate and final results: the numbers in the vocabulary.
    package static let range = 0...99

    package let numbers: [Int]

    /// One fewer than the numbers.
    package let operators: [Operator]

    /// The result after each operator, all within `range`.
    package let results: [Int]

    /// The last result.
    package var value: Int { results.last ?? numbers[0] }

    /// The question that the chain solves.
    package var identity: Puzzle.Identity {
        Puzzle.Identity(sortedNumbers: numbers.sorted(), target: value)
    }

    /// `nil` if a result leaves `range`.
    package init?(numbers: [Int], operators: [Operator]) {
        precondition(
            numbers.count == operators.count + 1, "a chain needs a number more than operators")
        // Before the arithmetic: a number of a text may be so large that it overflows.
        guard Self.range.contains(numbers[0]) else { return nil }
        var results: [Int] = []
        results.reserveCapacity(operators.count)
        var value = numbers[0]
        for (sign, number) in zip(operators, numbers.dropFirst()) {
            guard Self.range.contains(number) else { return nil }
            value = sign.apply(value, number)
            guard Self.range.contains(value) else { return nil }
            results.append(value)
        }
        self.numbers = numbers
        self.operators = operators
        self.results = results
    }

    /// Parses `expression`. Returns `nil` unless the text is exactly as `Chain.expression` writes it.
    package init?(expression: String) {
        let words = Countdown.words(of: expression).filter { $0 != "(" && $0 != ")" }
        let numbers = words.enumerated().filter { $0.offset % 2 == 0 }.compactMap {
            Int($0.element)
        }
        let operators = words.enumerated().filter { $0.offset % 2 == 1 }
            .compactMap { Operator(rawValue: $0.element) }
        guard !words.isEmpty, numbers.count + operators.count == words.count,
            numbers.count == operators.count + 1
        else { return nil }
        self.init(numbers: numbers, operators: operators)
        guard self.expression == expression else { return nil }
    }

    /// A chain over all of `numbers`. All chains with results in `range` are equally likely.
    package static func random(
        over numbers: [Int], operators: [Operator] = Operator.allCases,
        using random: inout RandomSource
    ) -> Chain {
        while true {
            var order = numbers
            random.shuffle(&order)
            let signs = order.dropFirst().map { _ in random.element(of: operators) }
            if let chain = Chain(numbers: order, operators: signs) { return chain }
        }
    }

    /// The words of the fully parenthesised expression, such as `( 4 * 8 ) + 7`.
    package var expressionWords: [String] {
        var words = Array(repeating: "(", count: max(operators.count - 1, 0))
        words.append(String(numbers[0]))
        for (index, sign) in operators.enumerated() {
            words += [sign.rawValue, String(numbers[index + 1])]
            if index < operators.count - 1 { words.append(")") }
        }
        return words
    }

    /// The fully parenthesised expression, such as `( 4 * 8 ) + 7`.
    package var expression: String { expressionWords.joined(separator: " ") }

    /// The words of a trial: the chain, the target and the verdict, as in `4 + 8 = 12 * 7 = 84 : 39 x`.
    package func trialWords(target: Int) -> [String] {
        var words = [String(numbers[0])]
        for (index, sign) in operators.enumerated() {
            words += [sign.rawValue, String(numbers[index + 1]), "=", String(results[index])]
        }
        return words + [":", String(target), value == target ? Countdown.right : Countdown.wrong]
    }
}
