extension Countdown {
    /// The questions that `text` states (`4 8 7 : 39`) or works out, in a calculation (`4 * 8 = 32 + 7 = 39`) or an
    /// expression (`( 4 * 8 ) + 7`): a chain over all numbers that reaches the target is the question with a
    /// solution. A longer calculation that begins like this is another question. If the text ends within a
    /// calculation, this counts only if it has as many numbers as the question that the text states.
    package static func identities(in text: String) -> Set<Puzzle.Identity> {
        var found: Set<Puzzle.Identity> = []
        var stated: Int?
        let parts = words(of: text).split { !isOfCalculation($0) }
        for (place, part) in parts.enumerated() {
            let sides = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let target = sides.dropFirst().first?.first.flatMap { Int($0) }
            let body = sides[0]
            let content: (numbers: [Int], values: [Int])?
            if body.contains("=") {
                content = calculation(body)
                let isWhole = sides.count > 1 || place < parts.count - 1
                guard isWhole || content?.numbers.count == stated else { continue }
            } else if target != nil {
                content = (body.compactMap { Int($0) }, [])
                stated = stated ?? body.count
            } else {
                content = expression(body)
            }
            guard let content else { continue }
            let sorted = content.numbers.sorted()
            for value in content.values + [target].compactMap(\.self) {
                found.insert(Puzzle.Identity(sortedNumbers: sorted, target: value))
            }
        }
        return found
    }

    /// Whether a word is a number or a sign of questions, calculations and expressions.
    private static func isOfCalculation(_ word: String) -> Bool {
        guard let first = word.utf8.first else { return false }
        // The digits, and ( ) * + - : =
        return (48...57).contains(first) || [40, 41, 42, 43, 45, 58, 61].contains(first)
    }

    /// The numbers of `4 * 8 = 32 + 7 = 39` and its result, as it is stated and as it is.
    private static func calculation(
        _ words: ArraySlice<String>
    ) -> (numbers: [Int], values: [Int])? {
        guard words.count % 4 == 1, var numbers = words.first.flatMap({ Int($0) }).map({ [$0] }),
            let result = words.last.flatMap({ Int($0) })
        else { return nil }
        var operators: [Chain.Operator] = []
        for place in stride(from: words.startIndex + 1, to: words.endIndex, by: 4) {
            guard let sign = Chain.Operator(rawValue: words[place]),
                let number = Int(words[place + 1]), words[place + 2] == "="
            else { return nil }
            operators.append(sign)
            numbers.append(number)
        }
        let chain = Chain(numbers: numbers, operators: operators)
        return (numbers, [result] + [chain?.value].compactMap(\.self))
    }

    /// The numbers of `( 4 * 8 ) + 7` and its value; `nil` if the words are no expression, such as one that was cut.
    private static func expression(
        _ words: ArraySlice<String>
    ) -> (numbers: [Int], values: [Int])? {
        guard words.count > 1 else { return nil }
        do {
            let expression = try Expression(words.joined(separator: " "))
            return (expression.numbers, [expression.value].compactMap(\.self))
        } catch {
            return nil
        }
    }
}
