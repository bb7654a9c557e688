/// Finds the marks and phrases with which a text states its answer.
struct AnswerMarks {
    let text: ArraySlice<UInt8>

    /// The last box. An unclosed box counts, because its content would be the answer.
    var lastBox: LastBox? { LastBox(of: text, unclosed: .counted) }

    /// The last line that begins with `####`, the mark of answers in GSM8K, followed by a number or formula.
    /// Other such lines are headings, such as `#### Step 2` or `#### 1. Find the total`.
    var lastNumberedLine: (content: ArraySlice<UInt8>, start: Int)? {
        var end = text.endIndex
        while let last = text[..<end].lastIndex(of: UInt8(ascii: "#")) {
            var start = last
            while text[at: start - 1] == UInt8(ascii: "#") { start -= 1 }
            // Stop at the next mark, so that a line with many marks is scanned only once.
            let content = text[(last + 1)..<end].prefix { $0 != 10 && $0 != 13 }
            end = start
            guard last - start == 3 else { continue }
            if !Self.isHeading(content) { return (content, start) }
        }
        return nil
    }

    private static func isHeading(_ line: ArraySlice<UInt8>) -> Bool {
        guard Quantity(line, hasVariables: false) == nil else { return false }
        let start = line.end(of: { $0.isBlank || "*_`$".utf8.contains($0) }, from: line.startIndex)
        guard let first = line[at: start] else { return true }
        if first.isLetter {
            // `x = 5` is an answer.
            return !QuantityName.isVariable(line.prefix { $0 != UInt8(ascii: "=") })
                || !line.contains(UInt8(ascii: "="))
        }
        guard first.isDigit else { return !"\\-+([{.<>".utf8.contains(first) }
        let end = line.end(of: \.isDigit, from: start)
        guard let sign = line[at: end], ".):".utf8.contains(sign) else { return false }
        return line[at: end + 1]?.isDigit != true
    }

    /// The text after each `answer is`, `answer:` and the like, up to the end of the sentence or line, from
    /// left to right. `words` are lower-case, such as `answer` or `option`.
    func statements(of words: [StaticString]) -> [ArraySlice<UInt8>] {
        var starts: [Int] = []
        var place = text.startIndex
        while place < text.endIndex {
            let end = text.end(of: \.isLetter, from: place)
            if end > place, words.contains(where: { isWord($0, place..<end) }),
                let start = statement(after: end)
            {
                starts.append(start)
                place = start
            } else {
                place = max(end, place + 1)
            }
        }
        return starts.indices.map { index in
            let next = index + 1 < starts.count ? starts[index + 1] : text.endIndex
            return sentence(text[starts[index]..<next])
        }
    }

    private func isWord(_ word: StaticString, _ range: Range<Int>) -> Bool {
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        return range.count == letters.count
            && zip(text[range], letters).allSatisfy { $0 | 32 == $1 }
    }

    /// The start of the answer after `is`, `:` or `=`, with optional emphasis in between.
    private func statement(after end: Int) -> Int? {
        func isEmphasis(_ byte: UInt8) -> Bool { byte.isBlank || byte == 42 || byte == 95 }
        if text[at: end] == UInt8(ascii: ">"), text[..<end].suffix(7).first == UInt8(ascii: "<") {
            // The tag `<answer>`.
            return text.end(of: \.isBlank, from: end + 1)
        }
        var place = text.end(of: isEmphasis, from: end)
        let hasVerb =
            text.has("is", at: place) && text[at: place + 2]?.isLetter != true && place > end
        if hasVerb { place = text.end(of: isEmphasis, from: place + 2) }
        if text[at: place] == UInt8(ascii: ":") || text[at: place] == UInt8(ascii: "=") {
            return text.end(of: \.isBlank, from: place + 1)
        }
        return hasVerb ? place : nil
    }

    private func sentence(_ tail: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var place = tail.startIndex
        while let byte = tail[at: place] {
            if byte == 10 || byte == UInt8(ascii: ".") && tail[at: place + 1]?.isBlank != false {
                break
            }
            place += 1
        }
        return tail[..<place]
    }
}
