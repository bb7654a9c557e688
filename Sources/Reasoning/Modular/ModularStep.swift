/// A step of a calculation modulo 97, which is one word: `+5` or `*3`.
package struct ModularStep: Hashable, Sendable {
    private enum Operation: String, Hashable {
        case plus = "+"
        case times = "*"
    }

    private let operation: Operation
    private let operand: Int

    /// `+1` to `+9` and `*2` to `*9`.
    package static let all: [ModularStep] =
        (1...9).map { ModularStep(operation: .plus, operand: $0) }
        + (2...9).map { ModularStep(operation: .times, operand: $0) }

    private static let byWord = Dictionary(uniqueKeysWithValues: all.map { ($0.word, $0) })

    private init(operation: Operation, operand: Int) {
        self.operation = operation
        self.operand = operand
    }

    /// `nil` if the word is not in `all`.
    package init?(_ word: String) {
        guard let step = Self.byWord[word] else { return nil }
        self = step
    }

    package var word: String { operation.rawValue + String(operand) }

    /// Applies the step to a number from 0 to 96.
    package func result(of number: Int) -> Int {
        switch operation {
        case .plus: (number + operand) % Modular.modulus
        case .times: number * operand % Modular.modulus
        }
    }
}
