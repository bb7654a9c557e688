/// The position and kind of a syntax error as the reader finds it, without the wording, line and field that
/// only a message needs.
package struct JSONFault: Error, Hashable {
    package let kind: Kind

    /// The offset in bytes from the start of the text.
    package let offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    package enum Kind: Hashable, Sendable {
        // Something was expected at the offset.
        case value
        case name
        case colon
        case listEnd
        case objectEnd
        case textEnd
        case object
        case list
        case string
        case wholeNumber
        case closingQuote

        // Numbers: no number begins here, a digit is missing here, letters follow the number (the offset is its
        // start), or a double cannot represent it (the offset is its start).
        case number
        case digit
        case longWord(next: Following)
        case tooLargeNumber

        // Strings: the offset of an escape is its backslash. Half a surrogate pair ends at the offset, and no
        // other escape or one that does not match follows.
        case controlCharacter
        case unknownEscape
        case cutEscape
        case cutUnit
        case loneSurrogate
        case wrongPair

        case byteOrderMark
        /// `length` is that of the name as it is written, in bytes; the offset is its quotation mark.
        case repeatedName(length: Int)
        case tooDeep(limit: Int)
        case tooManyValues(limit: Int)
    }

    /// The tokens that may follow a value.
    package enum Following: Hashable, Sendable {
        case listEnd
        case objectEnd
        case textEnd
    }
}
