/// The last `\boxed` or `\fbox` of a text that is not empty, of boxes within each other the innermost.
struct LastBox {
    enum Content {
        /// What is in it, without blanks around it.
        case closed(ArraySlice<UInt8>)

        /// Its brace is never closed.
        case open
    }

    /// What becomes of boxes whose brace is never closed.
    enum Unclosed { case counted, passedOver }

    let content: Content

    /// Where the command begins.
    let start: Int

    /// `nil` if there is no box. One pass, however many boxes are open.
    init?(of text: ArraySlice<UInt8>, unclosed: Unclosed) {
        var last: (start: Int, from: Int, end: Int?)?
        // The open braces, with where the command is whose box they begin.
        var braces: [(box: Int?, from: Int)] = []
        var place = text.startIndex
        while let byte = text[at: place] {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let end = Self.commandEnd(text, place) else {
                    // A brace behind a backslash is none, but a second backslash may begin a box.
                    place += Self.commandEnd(text, place + 1) == nil ? 2 : 1
                    continue
                }
                let from = text.end(of: \.isBlank, from: end)
                if text[at: from] == UInt8(ascii: "{") {
                    braces.append((place, from + 1))
                    place = from + 1
                } else {
                    if Self.isBare(text, from) { last = (place, from, nil) }
                    place = from
                }
                continue
            case UInt8(ascii: "{"): braces.append((nil, place + 1))
            case UInt8(ascii: "}"):
                if let brace = braces.popLast(), let box = brace.box, box > last?.start ?? -1,
                    !text[brace.from..<place].trimmed.isEmpty
                {
                    last = (box, brace.from, place)
                }
            default: break
            }
            place += 1
        }
        let open = unclosed == .counted ? braces.last { $0.box != nil }?.box : nil
        if let open, open > last?.start ?? -1 {
            (content, start) = (.open, open)
        } else if let last {
            let end = last.end ?? text.end(of: { !$0.isBlank && $0 != 36 }, from: last.from)
            (content, start) = (.closed(text[last.from..<end].trimmed), last.start)
        } else {
            return nil
        }
    }

    /// Behind the `\boxed` or `\fbox` that begins at `place`, if one does.
    private static func commandEnd(_ text: ArraySlice<UInt8>, _ place: Int) -> Int? {
        let names: [StaticString] = ["\\boxed", "\\fbox"]
        guard let name = names.first(where: { text.has($0, at: place) }) else { return nil }
        let end = place + name.utf8CodeUnitCount
        return text[at: end]?.isLetter == true ? nil : end
    }

    /// Whether a box without braces holds what is at `place`, up to a blank or `$`: a number or a command. Before a
    /// word or a point, the box is only spoken of.
    private static func isBare(_ text: ArraySlice<UInt8>, _ place: Int) -> Bool {
        guard let byte = text[at: place] else { return false }
        let next = text[at: place + 1]
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            return next?.isDigit == true || next == UInt8(ascii: "\\")
        case UInt8(ascii: "\\"): return next?.isLetter == true && commandEnd(text, place) == nil
        default: return byte.isDigit
        }
    }
}
