import JSON

/// What a program wrote for a test.
package struct ProgramOutput: Sendable {
    let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Why this is not the output that `test` expects; `nil` if it is. With `isResult`, the output is the JSON text of
    /// the result of a function. A number whose expected text is not an integer may differ by `tolerance`, or by this
    /// share of it.
    package func problem(
        in test: ProgramTests.Test, isResult: Bool, tolerance: Double = 0
    ) -> String? {
        isResult
            ? resultProblem(ProgramTests.lines(test.output), tolerance)
            : textProblem(Array(test.output.utf8), tolerance)
    }

    // MARK: - Standard output

    /// Compares lines without the blanks around them, as LiveCodeBench does: they must be equal, or all of their words
    /// numbers of equal value.
    private func textProblem(_ expected: [UInt8], _ tolerance: Double) -> String? {
        var (given, wanted) = (ProgramLines(bytes), ProgramLines(expected))
        while true {
            switch (given.next(), wanted.next()) {
            case (nil, nil): return nil
            case (let line?, nil): return "the output goes on with '\(line.shown)'"
            case (nil, let line?): return "the output ends before '\(line.shown)'"
            case (let given?, let wanted?):
                guard given == wanted || Self.areNumbers(given, wanted, tolerance)
                else { return Self.difference(given, wanted) }
            }
        }
    }

    /// Whether two lines have the same numbers.
    private static func areNumbers(
        _ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>, _ tolerance: Double
    ) -> Bool {
        var (given, wanted) = (given, wanted)
        while true {
            switch (given.popWord(), wanted.popWord()) {
            case (nil, nil): return true
            case (let word?, let expected?):
                guard let value = DecimalText(word), let number = DecimalText(expected) else {
                    return false
                }
                guard
                    value == number
                        || tolerance > 0 && !expected.isInteger
                            && areClose(value.double, number.double, tolerance)
                else { return false }
            default: return false
            }
        }
    }

    private static func areClose(_ given: Double, _ wanted: Double, _ tolerance: Double) -> Bool {
        tolerance > 0 && abs(given - wanted) <= tolerance * max(1, abs(wanted))
    }

    private static func difference(_ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>)
        -> String
    { "'\(given.shown)', not '\(wanted.shown)'" }

    // MARK: - Results of functions

    /// `wanted` are the correct results.
    private func resultProblem(_ wanted: [[UInt8]], _ tolerance: Double) -> String? {
        guard !bytes.isEmpty else { return "no result" }
        guard ProgramTests.isValue(bytes) else {
            return "the result '\(bytes[...].shown)' is not a JSON value"
        }
        // An equal result does not have more values than the expected text has bytes.
        let most = wanted.reduce(0) { max($0, $1.count) }
        let given = Self.value(bytes, atMost: most)
        let isCorrect = wanted.contains { text in
            guard let given, let value = Self.value(text) else { return false }
            return given.equals(value, tolerance)
        }
        return isCorrect ? nil : Self.difference(bytes[...], (wanted.last ?? [])[...])
    }

    /// A value as Python compares it: `true` is 1, 1.0 is 1, and integers have any number of digits.
    private enum Value {
        case null
        case integer(DecimalText)
        case number(Double)
        case string([UInt8])
        case array([Value])
        case object([[UInt8]: Value])

        /// Whether this value equals an expected one.
        func equals(_ wanted: Value, _ tolerance: Double) -> Bool {
            switch (self, wanted) {
            case (.null, .null): true
            case (.integer(let given), .integer(let wanted)): given == wanted
            case (.number(let given), .number(let wanted)):
                given == wanted || areClose(given, wanted, tolerance)
            case (.integer(let given), .number(let wanted)):
                given == Value.integer(wanted) || areClose(given.double, wanted, tolerance)
            case (.number(let given), .integer(let wanted)): Value.integer(given) == wanted
            case (.string(let given), .string(let wanted)): given == wanted
            case (.array(let given), .array(let wanted)):
                given.count == wanted.count
                    && zip(given, wanted).allSatisfy { $0.equals($1, tolerance) }
            case (.object(let given), .object(let wanted)):
                given.count == wanted.count
                    && given.allSatisfy { name, value in
                        wanted[name].map { value.equals($0, tolerance) } ?? false
                    }
            default: false
            }
        }

        /// A whole double is an integer with an exact decimal text.
        private static func integer(_ number: Double) -> DecimalText? {
            guard number == number.rounded() else { return nil }
            return Int(exactly: number).map { DecimalText($0) }
                ?? DecimalText(Array("\(number)".utf8)[...])
        }
    }

    /// `nil` if the text is not one JSON value, or has more values than `count`.
    private static func value(_ text: [UInt8], atMost count: Int = .max) -> Value? {
        text.withUnsafeBytes { bytes in
            do {
                var reader = JSONReader(bytes, values: count)
                let value = try value(&reader)
                try reader.finish()
                return value
            } catch {
                return nil
            }
        }
    }

    private static func value(_ reader: inout JSONReader) throws -> Value {
        reader.skipBlanks()
        try reader.countValue()
        switch reader.byte {
        case UInt8(ascii: "n"):
            try reader.word("null")
            return .null
        case UInt8(ascii: "t"):
            try reader.word("true")
            return .integer(DecimalText(1))
        case UInt8(ascii: "f"):
            try reader.word("false")
            return .integer(DecimalText(0))
        case UInt8(ascii: "\""): return .string(JSONEscapes.without(try reader.rawString().raw))
        case UInt8(ascii: "["):
            var elements: [Value] = []
            try reader.list { elements.append(try value(&$0)) }
            return .array(elements)
        case UInt8(ascii: "{"):
            var members: [[UInt8]: Value] = [:]
            try reader.object { reader in
                let name = JSONEscapes.without(try reader.name().raw)
                members[name] = try value(&reader)
            }
            return .object(members)
        default:
            let start = reader.offset
            try reader.skipNumber()
            let digits = Array(reader.bytes(from: start))
            if digits[...].isInteger, let integer = DecimalText(digits[...]) {
                return .integer(integer)
            }
            return .number(Double(String(decoding: digits, as: UTF8.self)) ?? .nan)
        }
    }
}

/// The lines of a text without the blanks around it and them; one empty line if there is no text.
private struct ProgramLines: IteratorProtocol {
    private var rest: ArraySlice<UInt8>?

    init(_ text: [UInt8]) {
        rest = text[...].trimmed
    }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let text = rest else { return nil }
        let end = text.firstIndex(of: 10)
        rest = end.map { text[($0 + 1)...] }
        return text[..<(end ?? text.endIndex)].trimmed
    }
}

extension ArraySlice<UInt8> {
    /// Removes the first word; `nil` if there is none.
    fileprivate mutating func popWord() -> ArraySlice<UInt8>? {
        let text = drop(while: \.isBlank)
        let word = text.prefix { !$0.isBlank }
        self = text[word.endIndex...]
        return word.isEmpty ? nil : word
    }

    fileprivate var isInteger: Bool {
        !contains { $0 == UInt8(ascii: ".") || $0 | 32 == UInt8(ascii: "e") }
    }
}
