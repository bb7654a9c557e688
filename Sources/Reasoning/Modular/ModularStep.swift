/// One step of a calculation modulo 97, a word of its own: `+5` or `*3`.
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

    /// `nil` for a word that is none of `all`.
    package init?(_ word: String) {
        guard let step = Self.byWord[word] else { return nil }
        self = step
    }

    package var word: String { operation.rawValue + String(operand) }

    /// What the step makes of a number from 0 to 96.
    package func result(of number: Int) -> Int {
        switch operation {
        case .plus: (number + operand) % Modular.modulus
        case .times: number * operand % Modular.modulus
        }
    }
}
