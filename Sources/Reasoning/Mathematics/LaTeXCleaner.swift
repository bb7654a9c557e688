/// Normalises LaTeX to one spelling per construct. Removes formatting: `$`, `\left`, `\,`, `\displaystyle`.
/// Fractions become `\frac`, products `\cdot`, degrees `^\circ`, and all text `\text`. Arguments of one letter
/// or digit get braces.
struct LaTeXCleaner {
    private let text: ArraySlice<UInt8>
    private var place: Int
    private var output: [UInt8] = []
    /// Inside a matrix, two backslashes end a row.
    private var isInMatrix = false

    static func cleaned(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var cleaner = LaTeXCleaner(text: text, place: text.startIndex)
        cleaner.run()
        return cleaner.output
    }

    private init(text: ArraySlice<UInt8>, place: Int) {
        self.text = text
        self.place = place
    }

    private mutating func run() {
        while let byte = text[at: place] {
            place += 1
            switch byte {
            case UInt8(ascii: "\\"): command()
            case UInt8(ascii: "$"): break
            case UInt8(ascii: "*"): output += "\\cdot ".utf8
            case UInt8(ascii: "~"): output.append(32)
            case UInt8(ascii: "!")
            where text[at: place] == UInt8(ascii: "=") && output.last?.isBlank == true:
                // After a blank, `!` is not a factorial.
                output += "\\ne ".utf8
                place += 1
            case UInt8(ascii: "<") where text[at: place] == UInt8(ascii: "="):
                output += "\\le ".utf8
                place += 1
            case UInt8(ascii: ">") where text[at: place] == UInt8(ascii: "="):
                output += "\\ge ".utf8
                place += 1
            case UInt8(ascii: "^") where text.has("{\\circ}", at: place):
                output += "^\\circ ".utf8
                place += 7
            case UInt8(ascii: "^"), UInt8(ascii: "_"):
                output.append(byte)
                brace(1)
            default: output.append(byte)
            }
        }
    }

    private mutating func command() {
        if !isInMatrix, text[at: place] == UInt8(ascii: "\\"), isEscapedTwice { place += 1 }
        let end = text.end(of: \.isLetter, from: place)
        guard end > place else { return sign() }
        let start = place
        let name = String(decoding: text[start..<min(end, start + 16)], as: UTF8.self)
        place = end
        switch name {
        case "left", "right", "big", "Big", "bigl", "bigr", "bigg", "Bigg", "Bigl", "Bigr",
            "displaystyle", "limits", "rm", "bf", "boxed", "fbox":
            break
        case "quad", "qquad": output.append(32)
        case _ where name.hasPrefix("quad"):
            // The command is joined to a following letter.
            output.append(32)
            place = start + 4
        case "frac", "dfrac", "tfrac", "cfrac":
            output += "\\frac".utf8
            brace(2)
        case "binom", "dbinom", "tbinom":
            output += "\\binom".utf8
            brace(2)
        case "sqrt":
            output += "\\sqrt".utf8
            brace(1)
        case "text", "textbf", "textit", "textrm", "textnormal", "mathrm", "mathbf", "mbox":
            output += "\\text".utf8
            place = text.end(of: \.isBlank, from: place)
        case "times": output += "\\cdot ".utf8
        case "leq", "leqslant": output += "\\le ".utf8
        case "geq", "geqslant": output += "\\ge ".utf8
        case "neq": output += "\\ne ".utf8
        case "lt": output += "<".utf8
        case "gt": output += ">".utf8
        case "dots": output += "\\ldots ".utf8
        case "vert", "lvert", "rvert", "mid": output.append(UInt8(ascii: "|"))
        case "colon": output.append(UInt8(ascii: ":"))
        case "varnothing": output += "\\emptyset ".utf8
        case "mathbb":
            output += "\\mathbb".utf8
            brace(1)
        case "begin", "end":
            isInMatrix = name == "begin"
            output += "\\\(name) ".utf8
        case "lbrace": output += "\\{".utf8
        case "rbrace": output += "\\}".utf8
        case "degree": output += (output.last == UInt8(ascii: "^") ? "\\circ " : "^\\circ ").utf8
        default: output += "\\\(name) ".utf8
        }
    }

    /// A command of one non-letter.
    private mutating func sign() {
        guard let sign = text[at: place] else { return }
        place += 1
        switch sign {
        case UInt8(ascii: "!") where output.last == UInt8(ascii: ","):
            // MATH uses `1,\! 000` for `1{,}000`.
            let digit = text.end(of: \.isBlank, from: place)
            if text[at: digit]?.isDigit == true {
                output.removeLast()
                output += "{,}".utf8
                place = digit
            }
        case UInt8(ascii: ",")
        where output.last?.isDigit == true && text[at: place]?.isDigit == true:
            // Before three digits it separates thousands; otherwise it separates two numbers.
            if text.end(of: \.isDigit, from: place) - place != 3 { output.append(32) }
        case UInt8(ascii: "\\") where isInMatrix: output += "\\\\ ".utf8
        case _ where "$,;:!()[]".utf8.contains(sign): break
        case _ where sign.isBlank: output.append(32)
        case UInt8(ascii: "{"), UInt8(ascii: "}"): output += [UInt8(ascii: "\\"), sign]
        default: output.append(sign)
        }
    }

    /// Whether the two backslashes before a command are a doubly escaped one and not a line break.
    private var isEscapedTwice: Bool {
        let end = text.end(of: \.isLetter, from: place + 1)
        guard end > place + 1 else { return false }
        return Self.common.contains(
            String(decoding: text[(place + 1)..<min(end, place + 16)], as: UTF8.self))
    }

    private static let common: Set<String> = [
        "frac", "dfrac", "tfrac", "sqrt", "left", "right", "pi", "infty", "cdot", "times", "le",
        "leq", "ge", "geq", "in", "cup", "pm", "text", "mathrm", "circ", "theta", "binom", "begin",
        "end",
    ]

    /// Puts up to `count` arguments of one letter, digit or command into braces.
    private mutating func brace(_ count: Int) {
        for remaining in (0..<count).reversed() {
            place = text.end(of: \.isBlank, from: place)
            guard let byte = text[at: place] else { return }
            if byte.isLetter || byte.isDigit {
                output += [UInt8(ascii: "{"), byte, UInt8(ascii: "}")]
                place += 1
            } else if byte == UInt8(ascii: "\\"), text.has("\\pi", at: place),
                text[at: place + 3]?.isLetter != true
            {
                output += "{\\pi }".utf8
                place += 3
            } else if remaining > 0, byte == UInt8(ascii: "{"),
                let end = text[..<min(text.endIndex, place + Self.reach)].closing(place)
            {
                output += [UInt8(ascii: "{")] + Self.cleaned(text[(place + 1)..<end])
                output.append(UInt8(ascii: "}"))
                place = end + 1
            } else {
                return
            }
        }
    }

    /// How far to search for the end of an argument that another one follows, in bytes.
    private static let reach = 200
}
