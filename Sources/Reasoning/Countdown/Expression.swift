/// An arithmetic expression over numbers with `+`, `-`, `*` and parentheses. It is parsed from untrusted text:
/// length and depth are limited, and overflow is handled.
package struct Expression: Hashable, Sendable {
    /// The expression in its canonical form: tokens separated by single spaces, numbers without leading zeros.
    package let text: String

    /// The numbers from left to right.
    package let numbers: [Int]

    /// The value; `nil` if it overflows 64 bits.
    package let value: Int?

    /// The maximum length of the text, in bytes.
    package static let lengthLimit = 4096

    /// The maximum nesting depth of parentheses.
    package static let depthLimit = 64

    /// Parses `text`. Blanks and redundant parentheses are optional. `*` binds tighter than `+` and `-`;
    /// operators of equal precedence associate to the left.
    package init(_ text: String) throws(ExpressionError) {
        var parser = Parser(tokens: try Self.tokens(of: text))
        value = try parser.sum(depth: 0)
        try parser.end()
        numbers = parser.numbers
        self.text = parser.tokens.map(\.text).joined(separator: " ")
    }

    fileprivate enum Token {
        case number(Int)
        case sign(UInt8)

        var text: String {
            switch self {
            case .number(let number): String(number)
            case .sign(let byte): String(UnicodeScalar(byte))
            }
        }
    }

    private static func tokens(of text: String) throws(ExpressionError) -> [Token] {
        guard text.utf8.count <= lengthLimit else { throw .tooLong }
        var tokens: [Token] = []
        var number: Int?
        var digits = 0
        func close() {
            if let value = number { tokens.append(.number(value)) }
            number = nil
            digits = 0
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9":
                digits += 1
                guard digits <= 9 else { throw .numberTooLong(token: tokens.count + 1) }
                number = (number ?? 0) * 10 + Int(scalar.value - 48)
            case " ", "\t", "\n", "\r": close()
            case "+", "-", "*", "(", ")":
                close()
                tokens.append(.sign(UInt8(scalar.value)))
            default:
                close()
                throw .unknown(scalar, token: tokens.count + 1)
            }
        }
        close()
        return tokens
    }

    /// A recursive-descent parser. Each method returns the value of what it parsed, or `nil` after an overflow.
    private struct Parser {
        let tokens: [Token]
        var place = 0
        var numbers: [Int] = []

        init(tokens: [Token]) { self.tokens = tokens }

        private var sign: UInt8? {
            guard place < tokens.count, case .sign(let byte) = tokens[place] else { return nil }
            return byte
        }

        mutating func sum(depth: Int) throws(ExpressionError) -> Int? {
            var value = try product(depth: depth)
            while let sign, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                place += 1
                let right = try product(depth: depth)
                value = Self.combine(value, right) {
                    sign == UInt8(ascii: "+")
                        ? $0.addingReportingOverflow($1) : $0.subtractingReportingOverflow($1)
                }
            }
            return value
        }

        private mutating func product(depth: Int) throws(ExpressionError) -> Int? {
            var value = try factor(depth: depth)
            while sign == UInt8(ascii: "*") {
                place += 1
                let right = try factor(depth: depth)
                value = Self.combine(value, right) { $0.multipliedReportingOverflow(by: $1) }
            }
            return value
        }

        private mutating func factor(depth: Int) throws(ExpressionError) -> Int? {
            if place < tokens.count, case .number(let number) = tokens[place] {
                place += 1
                numbers.append(number)
                return number
            }
            guard sign == UInt8(ascii: "(") else {
                throw .expected("a number or '('", token: place + 1)
            }
            guard depth < depthLimit else { throw .tooDeep(token: place + 1) }
            place += 1
            let value = try sum(depth: depth + 1)
            guard sign == UInt8(ascii: ")") else { throw .expected("')'", token: place + 1) }
            place += 1
            return value
        }

        func end() throws(ExpressionError) {
            guard place == tokens.count else { throw .expected("an operator", token: place + 1) }
        }

        private static func combine(
            _ left: Int?, _ right: Int?,
            _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
        ) -> Int? {
            guard let left, let right else { return nil }
            let (value, overflows) = operation(left, right)
            return overflows ? nil : value
        }
    }
}

/// Why a text is not an expression. Tokens are numbered from 1.
package enum ExpressionError: Error, Hashable, CustomStringConvertible {
    case tooLong
    case tooDeep(token: Int)
    case numberTooLong(token: Int)
    case unknown(Unicode.Scalar, token: Int)
    case expected(String, token: Int)

    package var description: String {
        switch self {
        case .tooLong: "longer than \(Expression.lengthLimit) bytes"
        case .tooDeep(let token):
            "parentheses deeper than \(Expression.depthLimit) at token \(token)"
        case .numberTooLong(let token): "a number of more than 9 digits at token \(token)"
        case .unknown(let scalar, let token): "unknown sign \(Self.shown(scalar)) at token \(token)"
        case .expected(let what, let token): "\(what) expected at token \(token)"
        }
    }

    /// Escapes control characters, which would corrupt the output line.
    private static func shown(_ scalar: Unicode.Scalar) -> String {
        scalar.properties.generalCategory == .control
            ? "U+" + String(scalar.value, radix: 16, uppercase: true) : "'\(scalar)'"
    }
}
