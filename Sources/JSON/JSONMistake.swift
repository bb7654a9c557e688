/// A position at which a text is not valid JSON, with the reason.
package struct JSONMistake: Error, Hashable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int

    /// The column, from 1, in Unicode scalars.
    package let column: Int

    /// The path of the invalid value, with parts separated by dots; empty at the top level.
    package let field: String
    package let problem: Problem

    package enum Problem: Hashable, Sendable {
        case expected(String, atEnd: Bool)
        case byteOrderMark
        case notANumber(String)
        case tooLargeNumber(String)
        case noSuchNumber(String)
        case repeatedName(String)
        case halfSurrogate
        case unknownEscape
        case controlCharacter
        case tooDeep(limit: Int)
        case tooManyValues(limit: Int)
    }

    /// Describes the fault of the text of `reader`.
    init(_ fault: JSONFault, field: String, in reader: JSONReader) {
        var place = fault.offset
        let isAtEnd = place >= reader.count
        problem =
            switch fault.kind {
            case .value, .number: Self.noValue(reader.at(place))
            case .digit:
                Self.wrongNumber(Self.backToWord(&place, reader))
            case .longWord: Self.wrongNumber(reader.at(place))
            case .tooLargeNumber: .tooLargeNumber(Self.short(reader.at(place).word()))
            case .name: .expected("a name in quotes", atEnd: isAtEnd)
            case .colon: .expected("`:`", atEnd: isAtEnd)
            case .listEnd: .expected("`,` or `]`", atEnd: isAtEnd)
            case .objectEnd: .expected("`,` or `}`", atEnd: isAtEnd)
            case .textEnd: .expected("the end of the line", atEnd: isAtEnd)
            case .object: .expected("an object", atEnd: isAtEnd)
            case .list: .expected("a list", atEnd: isAtEnd)
            case .string: .expected("a text", atEnd: isAtEnd)
            case .wholeNumber: .expected("a whole number", atEnd: isAtEnd)
            case .closingQuote: .expected("`\"`", atEnd: isAtEnd)
            case .cutEscape, .cutUnit: .expected("the rest of an escape", atEnd: true)
            case .controlCharacter: .controlCharacter
            case .unknownEscape: .unknownEscape
            case .loneSurrogate, .wrongPair: .halfSurrogate
            case .byteOrderMark: .byteOrderMark
            case .repeatedName(let length):
                .repeatedName(Self.short(reader.at(place + 1 + length).bytes(from: place + 1)))
            case .tooDeep(let limit): .tooDeep(limit: limit)
            case .tooManyValues(let limit): .tooManyValues(limit: limit)
            }
        if fault.kind == .cutEscape || fault.kind == .cutUnit { place = reader.count }
        (line, column) = reader.place(of: place)
        self.field = field
    }

    /// The problem with the text at which a value is expected.
    private static func noValue(_ reader: JSONReader) -> Problem {
        switch reader.byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x30...0x39,
            UInt8(ascii: "N"), UInt8(ascii: "I"):
            wrongNumber(reader)
        default: .expected("a value", atEnd: reader.isAtEnd)
        }
    }

    private static func wrongNumber(_ reader: JSONReader) -> Problem {
        let word = reader.word()
        let isWord = word.contains { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") }
        return isWord ? .noSuchNumber(short(word)) : .notANumber(short(word))
    }

    /// Moves `place` back to the start of the word that contains it.
    private static func backToWord(_ place: inout Int, _ reader: JSONReader) -> JSONReader {
        while place > 0, JSONReader.isWord(reader.at(place - 1).byte) { place -= 1 }
        return reader.at(place)
    }

    /// A name or number, shortened for messages.
    static func short(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.unicodeScalars.count > 60 ? String(text.unicodeScalars.prefix(60)) + "…" : text
    }

    /// The column, the problem and the remedy.
    package var description: String { "column \(column): \(sentence)" }

    private var sentence: String {
        let holds = field.isEmpty ? "it holds" : "the field '\(field)' holds"
        switch problem {
        case .expected(let what, let atEnd):
            return (field.isEmpty ? "" : "in the field '\(field)' ") + "\(what) expected"
                + (atEnd ? ", the line ends" : "")
        case .byteOrderMark: return "a byte order mark: save the file as UTF-8 without one"
        case .notANumber(let text): return "\(holds) \(text), which is not a JSON number"
        case .tooLargeNumber(let text):
            return "\(holds) \(text), which is too large"
        case .noSuchNumber(let text):
            return "\(holds) \(text), which JSON does not have: write null"
        case .repeatedName(let name):
            return "the field '\(field.isEmpty ? name : "\(field).\(name)")' occurs twice: keep one"
        case .halfSurrogate: return "\(holds) half a surrogate pair: write both halves or neither"
        case .unknownEscape: return "\(holds) an escape that JSON does not have"
        case .controlCharacter:
            return "\(holds) a control character: write it as an escape such as \\n"
        case .tooDeep(let limit):
            return "\(holds) lists and objects nested more than \(limit) deep"
        case .tooManyValues(let limit): return "the line has more than \(limit) values"
        }
    }
}
