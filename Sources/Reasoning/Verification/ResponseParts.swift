/// The parts of a response that an answer may stand in: not what is thought before it, nor a further question with
/// its answer, as models that have seen examples write behind it.
struct ResponseParts {
    /// What is behind the last `</think>`. Thinking that has no end gives no answer.
    let text: ArraySlice<UInt8>

    init(_ response: ArraySlice<UInt8>) {
        if let end = response.lastPlace(of: "</think>") {
            text = response[(end + 8)...]
        } else if response.has("<think>", at: response.trimmed.startIndex) {
            text = response[response.endIndex...]
        } else {
            text = response
        }
    }

    /// What stands before the first further question, if `isAnswer` says that there is an answer, otherwise all of it.
    func firstAnswer(where isAnswer: (ArraySlice<UInt8>) -> Bool) -> ArraySlice<UInt8> {
        guard let end = furtherQuestion, isAnswer(text[..<end]) else { return text }
        return text[..<end]
    }

    /// Where a line begins with `Question:`, `Problem 2:`, `Q:` or the like, behind another line.
    private var furtherQuestion: Int? {
        let words: [StaticString] = ["Question", "Problem", "Q", "Human", "User", "Exercise"]
        var start = text.startIndex
        while let line = text[start...].firstIndex(where: { $0 == 10 || $0 == 13 }) {
            start = line + 1
            let place = text.end(of: { $0 == 32 || $0 == 42 || $0 == 35 }, from: start)
            guard let word = words.first(where: { text.has($0, at: place) }) else { continue }
            var end = place + word.utf8CodeUnitCount
            end = text.end(of: { $0 == 32 || $0.isDigit || $0 == 42 }, from: end)
            if text[at: end] == UInt8(ascii: ":"), !text[..<line].trimmed.isEmpty { return line }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate func lastPlace(of word: StaticString) -> Int? {
        var end = endIndex
        while let place = self[..<end].lastIndex(of: word.utf8Start[0]) {
            if has(word, at: place) { return place }
            end = place
        }
        return nil
    }
}
