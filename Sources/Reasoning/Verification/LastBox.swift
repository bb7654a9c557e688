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

    /// Of the boxes that commas, `and` or `or` join to the last one, all contents that differ as a list.
    let joined: Content

    /// `nil` if there is no box. One pass, however many boxes are open.
    init?(of text: ArraySlice<UInt8>, unclosed: Unclosed) {
        var boxes: [(start: Int, from: Int, end: Int?)] = []
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
                    if Self.isBare(text, from) { boxes.append((place, from, nil)) }
                    place = from
                }
                continue
            case UInt8(ascii: "{"): braces.append((nil, place + 1))
            case UInt8(ascii: "}"):
                if let brace = braces.popLast(), let box = brace.box, box > boxes.last?.start ?? -1,
                    !text[brace.from..<place].trimmed.isEmpty
                {
                    boxes.append((box, brace.from, place))
                }
            default: break
            }
            place += 1
        }
        let open = unclosed == .counted ? braces.last { $0.box != nil }?.box : nil
        if let open, open > boxes.last?.start ?? -1 {
            (content, joined, start) = (.open, .open, open)
        } else if let last = boxes.last {
            func end(_ box: (start: Int, from: Int, end: Int?)) -> Int {
                box.end ?? text.end(of: { !$0.isBlank && $0 != 36 }, from: box.from)
            }
            let content = text[last.from..<end(last)].trimmed
            (self.content, start) = (.closed(content), last.start)
            var contents = [content]
            var next = last.start
            for box in boxes.dropLast().reversed() {
                let end = end(box)
                guard end < next, Self.isJoint(text[end..<next]) else { break }
                contents.append(text[box.from..<end].trimmed)
                next = box.start
            }
            joined =
                contents.allSatisfy { $0 == content }
                ? .closed(content)
                : .closed(Array(contents.reversed().joined(separator: ", ".utf8))[...])
        } else {
            return nil
        }
    }

    /// Whether what is between two boxes joins them: a comma or `and`, in LaTeX's text or not.
    private static func isJoint(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count < 40 else { return false }
        let bare = LaTeXCleaner.cleaned(text.first == UInt8(ascii: "}") ? text.dropFirst() : text)
        let words = String(decoding: bare, as: UTF8.self).split {
            !$0.isLetter && !"\\.:=+-".contains($0)
        }
        return (!words.isEmpty || bare.contains { ",;".utf8.contains($0) })
            && words.allSatisfy { ["and", "or", "\\text"].contains($0) }
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
