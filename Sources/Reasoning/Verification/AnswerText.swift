/// Normalises the text of an answer to UTF-8 with one spelling per symbol: minus signs become `-`, blanks
/// become spaces, and mathematical symbols become LaTeX commands.
enum AnswerText {
    static func bytes(of text: String) -> [UInt8] {
        let utf8 = Array(text.utf8)
        guard utf8.contains(where: { $0 >= 0x80 }) else { return utf8 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        var isRaised = false
        var isUnderRoot = false
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            let scalar = scalars[index]
            if isUnderRoot, !isDigit(scalar) {
                bytes += "}".utf8
                isUnderRoot = false
            }
            let raised = superscript(scalar)
            if isRaised != (raised != nil) {
                bytes += (isRaised ? "}" : "^{").utf8
                isRaised.toggle()
            }
            if let raised {
                bytes.append(raised)
            } else if let root = root(scalar) {
                let next = scalars.index(after: index)
                isUnderRoot = next < scalars.endIndex && isDigit(scalars[next])
                bytes += (root + (isUnderRoot ? "{" : " ")).utf8
            } else if let spelling = spelling(of: scalar) {
                bytes += spelling.utf8
            } else {
                bytes += String(scalar).utf8
            }
        }
        return isRaised || isUnderRoot ? bytes + "}".utf8 : bytes
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// The command of a root symbol, which precedes its radicand.
    private static func root(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\u{221A}": "\\sqrt"
        case "\u{221B}": "\\sqrt[3]"
        case "\u{221C}": "\\sqrt[4]"
        default: nil
        }
    }

    /// The ASCII character of a superscript digit, letter or minus sign, as in m².
    private static func superscript(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "\u{207F}": UInt8(ascii: "n")
        case "\u{2071}": UInt8(ascii: "i")
        case "\u{2070}", "\u{2074}"..."\u{2079}": UInt8(48 + scalar.value - 0x2070)
        case "\u{B9}": 49
        case "\u{B2}", "\u{B3}": UInt8(scalar.value - 0xB2 + 50)
        case "\u{207B}": UInt8(ascii: "-")
        default: nil
        }
    }

    private static func spelling(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\u{2010}"..."\u{2013}", "\u{2212}", "\u{FE63}", "\u{FF0D}": "-"
        case "\u{A0}", "\u{1680}", "\u{2000}"..."\u{200A}", "\u{202F}", "\u{205F}", "\u{3000}": " "
        case "\u{200B}"..."\u{200D}", "\u{2060}", "\u{FEFF}": ""
        // Full-width forms of ASCII: digits, letters, brackets.
        case "\u{FF01}"..."\u{FF5E}": String(UnicodeScalar(UInt8(scalar.value - 0xFEE0)))
        case "\u{2044}", "\u{2215}": "/"
        case "\u{2080}"..."\u{2089}": "_{\(scalar.value - 0x2080)}"
        case "\u{2018}", "\u{2019}": "'"
        case "\u{201C}", "\u{201D}": "\""
        case "\u{2026}": "\\ldots "
        case "\u{20B9}": "\\text{Rs}"
        case "\u{2155}"..."\u{215E}": fraction(scalar)
        case "\u{BC}": "\\frac{1}{4}"
        case "\u{BD}": "\\frac{1}{2}"
        case "\u{BE}": "\\frac{3}{4}"
        case "\u{2153}": "\\frac{1}{3}"
        case "\u{2154}": "\\frac{2}{3}"
        case "\u{B0}": "^\\circ "
        case "\u{B1}": "\\pm "
        case "\u{B7}", "\u{22C5}": "\\cdot "
        case "\u{D7}": "\\times "
        case "\u{F7}": "\\div "
        case "\u{391}"..."\u{3C9}": letter(scalar)
        case "\u{2264}": "\\le "
        case "\u{2265}": "\\ge "
        case "\u{2260}": "\\ne "
        case "\u{2248}": "\\approx "
        case "\u{2208}": "\\in "
        case "\u{221E}": "\\infty "
        case "\u{222A}": "\\cup "
        case "\u{2229}": "\\cap "
        case "\u{2205}": "\\emptyset "
        case "\u{211D}": "\\mathbb{R}"
        default: nil
        }
    }

    /// Fifths, sixths and eighths.
    private static func fraction(_ scalar: Unicode.Scalar) -> String {
        let parts = [
            (1, 5), (2, 5), (3, 5), (4, 5), (1, 6), (5, 6), (1, 8), (3, 8), (5, 8), (7, 8),
        ]
        let (above, below) = parts[Int(scalar.value - 0x2155)]
        return "\\frac{\(above)}{\(below)}"
    }

    /// The command of a Greek letter; `nil` if LaTeX has none.
    private static func letter(_ scalar: Unicode.Scalar) -> String? {
        let small = [
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
            "lambda", "mu", "nu", "xi", nil, "pi", "rho", nil, "sigma", "tau", "upsilon", "phi",
            "chi", "psi", "omega",
        ]
        let capitals: Set = [
            "gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "phi", "psi", "omega",
        ]
        let isSmall = scalar.value >= 0x3B1
        let index = Int(scalar.value) - (isSmall ? 0x3B1 : 0x391)
        guard small.indices.contains(index), let name = small[index] else { return nil }
        guard !isSmall else { return "\\\(name) " }
        return capitals.contains(name)
            ? "\\\(name.prefix(1).uppercased())\(name.dropFirst()) " : nil
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 48 && self <= 57 }
    var isLetter: Bool { (self | 32) >= 97 && (self | 32) <= 122 }
    var isBlank: Bool { self == 32 || (self >= 9 && self <= 13) }
}

extension ArraySlice<UInt8> {
    /// The byte at `place`; `nil` if out of bounds.
    subscript(at place: Int) -> UInt8? {
        place >= startIndex && place < endIndex ? self[place] : nil
    }

    func has(_ word: StaticString, at place: Int) -> Bool {
        guard place >= startIndex, endIndex - place >= word.utf8CodeUnitCount else { return false }
        for offset in 0..<word.utf8CodeUnitCount
        where self[place + offset] != word.utf8Start[offset] { return false }
        return true
    }

    /// The first index from `place` on whose byte is not in `set`.
    func end(of set: (UInt8) -> Bool, from place: Int) -> Int {
        var place = place
        while place < endIndex, set(self[place]) { place += 1 }
        return place
    }

    /// The bytes without blanks at both ends.
    var trimmed: ArraySlice<UInt8> {
        let start = end(of: \.isBlank, from: startIndex)
        var end = endIndex
        while end > start, self[end - 1].isBlank { end -= 1 }
        return self[start..<end]
    }

    /// The index of the bracket that closes the one at `place`. Backslashes escape the next byte.
    func closing(_ place: Int) -> Int? {
        let open = self[place]
        let close: UInt8 = open == UInt8(ascii: "(") ? 41 : open + 2
        var depth = 0
        var place = place
        while place < endIndex {
            switch self[place] {
            case UInt8(ascii: "\\"): place += 1
            case open: depth += 1
            case close:
                depth -= 1
                if depth == 0 { return place }
            default: break
            }
            place += 1
        }
        return nil
    }
}
