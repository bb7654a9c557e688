/// Enumerates all chains over some numbers. Each expression occurs once: chains that differ only in the order
/// of equal numbers are the same.
struct ChainSearch {
    private let numbers: [Int]
    private let target: Int?
    private var order: [Int]
    private var operators: [Chain.Operator]
    private var solutions: [Chain] = []
    private var plainValues = [Bool](repeating: false, count: Chain.range.upperBound + 1)
    private var values = [Bool](repeating: false, count: Chain.range.upperBound + 1)

    private init(_ numbers: [Int], target: Int?) {
        self.numbers = numbers
        self.target = target
        order = numbers
        operators = Array(repeating: .plus, count: max(numbers.count - 1, 0))
        let isSearchable = numbers.allSatisfy(Chain.range.contains) && numbers.count <= 8
        if isSearchable { start() }
    }

    /// All chains over `numbers` whose value is `target`, in a deterministic order.
    static func solutions(_ numbers: [Int], target: Int) -> [Chain] {
        ChainSearch(numbers, target: target).solutions
    }

    /// Which values the chains over `numbers` reach: `plain` with `+` and `-` alone, `any` with any operator.
    static func values(_ numbers: [Int]) -> (plain: [Bool], any: [Bool]) {
        let search = ChainSearch(numbers, target: nil)
        return (search.plainValues, search.values)
    }

    private mutating func start() {
        for first in numbers.indices where !isRepeated(first, used: 0) {
            order[0] = numbers[first]
            extend(numbers[first], used: 1 << first, length: 1, isPlain: true)
        }
    }

    private mutating func extend(_ value: Int, used: Int, length: Int, isPlain: Bool) {
        guard length < numbers.count else {
            record(value, isPlain: isPlain)
            return
        }
        for next in numbers.indices where used & 1 << next == 0 && !isRepeated(next, used: used) {
            let number = numbers[next]
            order[length] = number
            let used = used | 1 << next
            for sign in [Chain.Operator.plus, .minus, .times] {
                let result = sign.apply(value, number)
                guard Chain.range.contains(result) else { continue }
                operators[length - 1] = sign
                extend(result, used: used, length: length + 1, isPlain: isPlain && sign != .times)
            }
        }
    }

    /// Whether an equal number that is still unused comes before `index`.
    private func isRepeated(_ index: Int, used: Int) -> Bool {
        for earlier in 0..<index
        where used & 1 << earlier == 0 && numbers[earlier] == numbers[index] {
            return true
        }
        return false
    }

    private mutating func record(_ value: Int, isPlain: Bool) {
        guard let target else {
            values[value] = true
            if isPlain { plainValues[value] = true }
            return
        }
        guard value == target, let chain = Chain(numbers: order, operators: operators) else {
            return
        }
        solutions.append(chain)
    }
}
