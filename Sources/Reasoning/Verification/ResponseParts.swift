/// The parts of a response that may contain its answer. Excludes thinking before the answer, and further
/// questions with answers, which models that were shown examples tend to append.
struct ResponseParts {
    /// The text after the last `</think>`. Unfinished thinking gives no answer.
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

    /// The text before the first further question if `isAnswer` accepts it, otherwise the whole text.
    func firstAnswer(where isAnswer: (ArraySlice<UInt8>) -> Bool) -> ArraySlice<UInt8> {
        guard let end = furtherQuestion, isAnswer(text[..<end]) else { return text }
        return text[..<end]
    }

    /// The end of the line before a line that begins with `Question:`, `Problem 2:`, `Q:` or the like.
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
