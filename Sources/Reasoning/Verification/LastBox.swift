/// The last non-empty `\boxed` or `\fbox` of a text. Of nested boxes it is the innermost, unless that is only a
/// part of a formula in the outer one.
struct LastBox {
    enum Content {
        /// The content without blanks around it.
        case closed(ArraySlice<UInt8>)

        /// The brace of the box is never closed.
        case open
    }

    /// How unclosed boxes are treated.
    enum Unclosed { case counted, passedOver }

    let content: Content

    /// The index at which the command begins.
    let start: Int

    /// The contents of the last box and of boxes that commas, `and` or `or` join to it, without repetition if
    /// all are equal, otherwise as a list.
    let joined: Content

    /// `nil` if there is no box. Runs in one pass, however many boxes are open.
    init?(of text: ArraySlice<UInt8>, unclosed: Unclosed) {
        var boxes: [(start: Int, from: Int, end: Int?)] = []
        // The open braces, with the start of the command if they belong to a box.
        var braces: [(box: Int?, from: Int)] = []
        var place = text.startIndex
        while let byte = text[at: place] {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let end = Self.commandEnd(text, place) else {
                    // An escaped brace is not a brace, but a second backslash may begin a box.
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
                guard let brace = braces.popLast(), let box = brace.box,
                    !text[brace.from..<place].trimmed.isEmpty
                else { break }
                if let inner = boxes.last, inner.start > box {
                    // The inner box is only a part of the content of the outer one.
                    guard let end = inner.end,
                        Self.isFormula(text[brace.from..<inner.start])
                            || Self.isFormula(text[(end + 1)..<place])
                    else { break }
                    while boxes.last.map({ $0.start > box }) == true { boxes.removeLast() }
                }
                boxes.append((box, brace.from, place))
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

    /// Whether the text next to a nested box is part of a formula rather than prose.
    private static func isFormula(_ text: ArraySlice<UInt8>) -> Bool {
        text.count < 200 && text.contains { "+-*/^<>".utf8.contains($0) || $0.isDigit }
    }

    /// Whether the text between two boxes joins them: nothing, a comma, or words that end with `and` or `or`,
    /// optionally followed by the name of the next value.
    private static func isJoint(_ text: ArraySlice<UInt8>) -> Bool {
        let between = text.first == UInt8(ascii: "}") ? text.dropFirst() : text
        guard text.count < 60 else { return false }
        if between.allSatisfy({ $0 == 32 || $0 == UInt8(ascii: "$") }) { return true }
        var bare = LaTeXCleaner.cleaned(between)[...].trimmed
        if bare.last == UInt8(ascii: "=") {
            bare = bare.dropLast().trimmed
            let name = bare.lastIndex { $0.isBlank || $0 == 44 }.map { bare[($0 + 1)...] } ?? bare
            guard QuantityName.isVariable(name) else { return false }
            bare = bare[..<name.startIndex].trimmed
        }
        guard bare.allSatisfy({ !".:=?!\n\r+-".utf8.contains($0) }) else { return false }
        let words = String(decoding: bare, as: UTF8.self).lowercased().split {
            !$0.isLetter && $0 != "\\"
        }.filter { $0 != "\\text" }
        guard let last = words.last else { return bare.contains { ",;".utf8.contains($0) } }
        return (last == "and" || last == "or") && words.count < 7
            && words.allSatisfy { !$0.hasPrefix("\\") && !denials.contains(String($0)) }
    }

    private static let denials: Set<String> = [
        "not", "no", "wrong", "incorrect", "instead", "rather", "so", "then", "but", "false",
        "thus", "hence", "equals", "is", "than", "minus", "plus", "times",
    ]

    /// The end of the `\boxed` or `\fbox` that begins at `place`; `nil` if none does.
    private static func commandEnd(_ text: ArraySlice<UInt8>, _ place: Int) -> Int? {
        let names: [StaticString] = ["\\boxed", "\\fbox"]
        guard let name = names.first(where: { text.has($0, at: place) }) else { return nil }
        let end = place + name.utf8CodeUnitCount
        return text[at: end]?.isLetter == true ? nil : end
    }

    /// Whether the text at `place` is the content of a box without braces: a number or a command, up to a blank
    /// or `$`. Before a word or a full stop, `\boxed` is only mentioned.
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
