extension String {
    /// The text on one line, with control and bidirectional characters escaped, so that data can neither
    /// control the terminal nor change the order of the output.
    package var onOneLine: String { spelled(keeping: "") }

    /// The text with control characters escaped, except line ends.
    package var onTerminal: String { spelled(keeping: "\n") }

    /// The text with control characters escaped, except line ends and tabs.
    package var withoutControls: String { spelled(keeping: "\n\t") }

    /// The text padded with blanks to a width in characters.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    private func spelled(keeping kept: String) -> String {
        guard utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) else { return self }
        var line = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case _ where kept.unicodeScalars.contains(scalar): line.unicodeScalars.append(scalar)
            case 0x0A: line += "\\n"
            case 0x0D: line += "\\r"
            case 0x09: line += "\\t"
            case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
                line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
