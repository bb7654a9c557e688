import JSON

/// What a program wrote for a test.
package struct ProgramOutput: Sendable {
    let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Why this is not the output that `test` expects; `nil` if it is. With `isResult`, the output is the JSON text of
    /// the result of a function.
    package func problem(in test: ProgramTests.Test, isResult: Bool) -> String? {
        isResult ? resultProblem(test) : textProblem(Array(test.output.utf8))
    }

    // MARK: - Standard output

    /// Compares lines without the blanks around them, as LiveCodeBench does: their words must be equal, or all of them
    /// numbers of equal value.
    private func textProblem(_ expected: [UInt8]) -> String? {
        let given = Self.lines(bytes[...])
        let wanted = Self.lines(expected[...])
        let place = zip(given, wanted).enumerated().first { !Self.areEqual($0.element) }
        if let place { return Self.difference(place.element.0, place.element.1) }
        guard given.count != wanted.count else { return nil }
        let common = min(given.count, wanted.count)
        guard common < given.count else {
            return "the output ends before '\(wanted[common].shown)'"
        }
        return "the output goes on with '\(given[common].shown)'"
    }

    /// The lines of the text without the blanks around it; one empty line if there is no text.
    private static func lines(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        text.trimmed.split(separator: 10, omittingEmptySubsequences: false)
    }

    private static func areEqual(_ lines: (ArraySlice<UInt8>, ArraySlice<UInt8>)) -> Bool {
        if lines.0.elementsEqual(lines.1) { return true }
        let given = lines.0.split(whereSeparator: \.isBlank)
        let wanted = lines.1.split(whereSeparator: \.isBlank)
        guard given.count == wanted.count else { return false }
        if zip(given, wanted).allSatisfy({ $0.elementsEqual($1) }) { return true }
        return zip(given, wanted).allSatisfy { given, wanted in
            guard let value = DecimalText(given) else { return false }
            return value == DecimalText(wanted)
        }
    }

    private static func difference(_ given: ArraySlice<UInt8>, _ wanted: ArraySlice<UInt8>)
        -> String
    { "'\(given.shown)', not '\(wanted.shown)'" }

    // MARK: - Results of functions

    private func resultProblem(_ test: ProgramTests.Test) -> String? {
        guard let given = Self.value(bytes) else {
            return bytes.isEmpty
                ? "no result" : "the result '\(bytes[...].shown)' is not a JSON value"
        }
        let wanted = ProgramTests.lines(test.output)
        if wanted.contains(where: { Self.value($0).map { $0 == given } ?? false }) { return nil }
        return Self.difference(bytes[...], (wanted.last ?? [])[...])
    }

    /// A value as Python compares it: `true` is 1, 1.0 is 1, and integers have any number of digits.
    private indirect enum Value: Equatable {
        case null
        case integer(DecimalText)
        case number(Double)
        case string([UInt8])
        case array([Value])
        case object([[UInt8]: Value])

        static func == (left: Value, right: Value) -> Bool {
            switch (left, right) {
            case (.null, .null): true
            case (.integer(let left), .integer(let right)): left == right
            case (.number(let left), .number(let right)): left == right
            case (.number(let number), .integer(let integer)),
                (.integer(let integer), .number(let number)):
                // A whole double is an integer with an exact decimal text.
                Value.integer(number) == integer
            case (.string(let left), .string(let right)): left == right
            case (.array(let left), .array(let right)): left == right
            case (.object(let left), .object(let right)): left == right
            default: false
            }
        }

        private static func integer(_ number: Double) -> DecimalText? {
            guard number == number.rounded() else { return nil }
            return Int(exactly: number).map { DecimalText($0) }
                ?? DecimalText(Array("\(number)".utf8)[...])
        }
    }

    /// `nil` if the text is not one JSON value.
    private static func value(_ text: [UInt8]) -> Value? {
        text.withUnsafeBytes { bytes in
            do {
                guard String(validating: text, as: UTF8.self) != nil else { return nil }
                var reader = JSONReader(bytes)
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
            let isInteger = !digits.contains {
                $0 == UInt8(ascii: ".") || $0 | 32 == UInt8(ascii: "e")
            }
            if isInteger, let integer = DecimalText(digits[...]) { return .integer(integer) }
            return .number(Double(String(decoding: digits, as: UTF8.self)) ?? .nan)
        }
    }
}
