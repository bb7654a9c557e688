/// Where a text is no JSON, and why.
package struct JSONMistake: Error, Hashable, CustomStringConvertible {
    /// From 1.
    package let line: Int

    /// From 1, in Unicode scalars.
    package let column: Int

    /// The way to the value that is wrong, its parts separated by dots; empty at the top.
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

    /// What the fault of a text at `reader` means for one who wrote it.
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

    /// What stands where a value should.
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

    /// Goes back to where the word begins that `place` is in.
    private static func backToWord(_ place: inout Int, _ reader: JSONReader) -> JSONReader {
        while place > 0, JSONReader.isWord(reader.at(place - 1).byte) { place -= 1 }
        return reader.at(place)
    }

    /// A name or a number for people.
    static func short(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.unicodeScalars.count > 60 ? String(text.unicodeScalars.prefix(60)) + "…" : text
    }

    /// What is wrong and what to do, after the column.
    package var description: String { "column \(column): \(sentence)" }

    private var sentence: String {
        let holds = field.isEmpty ? "it holds" : "the field '\(field)' holds"
        switch problem {
        case .expected(let what, let atEnd):
            return (field.isEmpty ? "" : "in the field '\(field)' ") + "\(what) expected"
                + (atEnd ? ", the line ends" : "")
        case .byteOrderMark: return "a byte order mark: save the file as UTF-8 without one"
        case .notANumber(let text): return "\(holds) \(text), which is no number of JSON"
        case .tooLargeNumber(let text):
            return "\(holds) \(text), which is larger than any number here"
        case .noSuchNumber(let text):
            return "\(holds) \(text), which JSON does not have: write null"
        case .repeatedName(let name):
            return "the field '\(field.isEmpty ? name : "\(field).\(name)")' stands twice: keep one"
        case .halfSurrogate: return "\(holds) half a surrogate pair: write both halves or neither"
        case .unknownEscape: return "\(holds) an escape that JSON does not have"
        case .controlCharacter:
            return "\(holds) a control character: write it as an escape such as \\n"
        case .tooDeep(let limit):
            return "\(holds) more than \(limit) lists and objects within each other"
        case .tooManyValues(let limit): return "the line has more than \(limit) values"
        }
    }
}
