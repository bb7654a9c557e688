/// Where a text is no JSON, and why.
package struct JSONMistake: Error, Hashable, CustomStringConvertible {
    /// From 1, in Unicode scalars.
    package var column: Int

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
