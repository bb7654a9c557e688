/// Modular arithmetic over words, written anew: what the task's own is held against.
enum ModularArithmetic {
    /// Where the steps lead from `start`.
    static func end(from start: Int, _ steps: [String]) -> Int {
        steps.reduce(start) { value, step in
            let operand = step.utf8.last.map { Int($0) - 48 } ?? 0
            return (step.hasPrefix("+") ? value + operand : value * operand) % 97
        }
    }

    /// Every choice of `steps` in their order, the empty one included.
    static func choices(of steps: [String]) -> [[String]] {
        guard let first = steps.first else { return [[]] }
        let rest = choices(of: Array(steps.dropFirst()))
        return rest + rest.map { [first] + $0 }
    }

    /// Whether every calculation in `words` is true: `7 *9 = 63 *2 = 29`.
    static func isTrue(_ words: [String]) -> Bool {
        words.indices.dropLast().filter { words[$0] == "=" && $0 >= 2 }.allSatisfy {
            guard let before = Int(words[$0 - 2]) else { return false }
            return end(from: before, [words[$0 - 1]]) == Int(words[$0 + 1])
        }
    }
}
