extension String {
    /// Its words in lower case, without what is neither letter nor digit: `x = 3.5` has the words x, 3 and 5.
    var normalizedWords: [Substring] {
        lowercased().split { character in
            // What Unicode says of a character takes longer to look up than all the rest.
            guard let ascii = character.asciiValue else {
                return !character.isLetter && !character.isNumber
            }
            return !(97...122).contains(ascii) && !(48...57).contains(ascii)
        }
    }

    /// In lower case, with one blank for blanks and line ends: signs stay, for `2 + 3` is not `2 - 3`.
    var normalizedText: String {
        lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
