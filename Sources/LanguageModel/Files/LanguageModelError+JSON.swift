import JSON

extension LanguageModelError {
    /// The error for invalid JSON, with line and column.
    static func malformed(
        path: String, _ fault: JSONFault, in reader: JSONReader
    ) -> LanguageModelError {
        let (what, offset) = words(fault, reader)
        return malformed(path: path, what, at: offset, in: reader)
    }

    /// The error for a problem at a byte of a file, with line and column.
    static func malformed(
        path: String, _ reason: String, at offset: Int, in reader: JSONReader
    ) -> LanguageModelError {
        let (line, column) = reader.place(of: offset)
        return .malformed(path: path, reason: "line \(line), column \(column): \(reason)")
    }

    /// The problem and its byte offset.
    private static func words(
        _ fault: JSONFault, _ reader: JSONReader
    ) -> (what: String, offset: Int) {
        let end = fault.offset < reader.count ? "" : ", the file ends"
        var rest = reader.at(fault.offset)
        func expected(_ what: String) -> (String, Int) { (what + " expected" + end, fault.offset) }
        switch fault.kind {
        case .value, .number: return expected("a value")
        case .name: return expected("a name in quotes")
        case .colon: return expected("`:`")
        case .listEnd: return expected("`,` or `]`")
        case .objectEnd: return expected("`,` or `}`")
        case .textEnd: return expected("the end of the file")
        case .object: return expected("a table")
        case .list: return expected("a list")
        case .string: return expected("a text")
        case .wholeNumber: return expected("a whole number")
        case .closingQuote: return expected("`\"`")
        case .digit: return expected("a digit")
        case .longWord(let next):
            let offset = fault.offset + rest.numberLength
            switch next {
            case .listEnd: return ("`,` or `]` expected", offset)
            case .objectEnd: return ("`,` or `}` expected", offset)
            case .textEnd: return ("the end of the file expected", offset)
            }
        case .tooLargeNumber:
            let length = rest.numberLength
            let text = reader.at(fault.offset + length).bytes(from: fault.offset)
            let number = String(decoding: text, as: UTF8.self).prefix(40)
            return ("the number \(number) is too large", fault.offset + length)
        case .controlCharacter: return ("a control character in a text", fault.offset)
        case .unknownEscape, .cutUnit, .loneSurrogate: return ("not a JSON escape", fault.offset)
        case .cutEscape: return ("an escape is cut off", fault.offset)
        case .wrongPair: return ("half a surrogate pair", fault.offset)
        // A byte order mark is the first byte of the file.
        case .byteOrderMark: return ("a value expected", 0)
        case .repeatedName:
            do throws(JSONFault) {
                let name = try rest.name().text
                return ("`\(name)` occurs twice", rest.offset)
            } catch {
                return words(error, reader)
            }
        case .tooDeep(let limit):
            return ("lists and tables nested more than \(limit) deep", fault.offset)
        case .tooManyValues: return ("too many values", fault.offset)
        }
    }
}

extension JSONReader {
    /// The length of the number that begins here, in bytes.
    fileprivate var numberLength: Int {
        var reader = self
        do throws(JSONFault) {
            try reader.skipNumber()
            return reader.offset - offset
        } catch {
            return 0
        }
    }
}
