/// Where a text stops being JSON, as the reader finds it: without the words, the line and the field, which only a
/// message needs.
package struct JSONFault: Error, Hashable {
    package let kind: Kind

    /// In bytes from the start of the text.
    package let offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    package enum Kind: Hashable, Sendable {
        // What is expected at the offset.
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

        // Numbers: no number begins here, a digit is missing here, letters follow it (the offset is its start),
        // a double cannot hold it (its start).
        case number
        case digit
        case longWord(next: Following)
        case tooLargeNumber

        // Strings: the offset of an escape is its backslash; half a pair ends at the offset, and is followed by
        // no other escape or by one that does not go with it.
        case controlCharacter
        case unknownEscape
        case cutEscape
        case cutUnit
        case loneSurrogate
        case wrongPair

        case byteOrderMark
        /// Its length as it is written, in bytes; the offset is its quotation mark.
        case repeatedName(length: Int)
        case tooDeep(limit: Int)
        case tooManyValues(limit: Int)
    }

    /// What may follow a value.
    package enum Following: Hashable, Sendable {
        case listEnd
        case objectEnd
        case textEnd
    }
}
