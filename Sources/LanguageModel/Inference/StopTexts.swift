/// The texts that end a continuation. They are searched byte by byte, as in inference servers, so a text is
/// also found if its last character combines with the next one.
public struct StopTexts: Hashable, Sendable {
    private let texts: [String]

    /// The length of the longest text, in bytes.
    let longest: Int

    /// The texts to search for; empty texts are ignored.
    public init(_ texts: [String]) {
        self.texts = texts.filter { !$0.isEmpty }
        longest = self.texts.map(\.utf8.count).max() ?? 0
    }

    /// The part of `text` before the first stop text, or all of it if there is none.
    public func before(in text: String) -> String {
        guard let found = first(in: text) else { return text }
        return String(decoding: text.utf8.prefix(found.start), as: UTF8.self)
    }

    /// The stop text that occurs first in `text`, and its byte offset.
    func first(in text: String) -> (text: String, start: Int)? {
        let bytes = Array(text.utf8)
        var first: (text: String, start: Int)?
        for candidate in texts {
            let sought = Array(candidate.utf8)
            guard sought.count <= bytes.count else { continue }
            let end = min(bytes.count - sought.count, first.map { $0.start - 1 } ?? .max)
            guard end >= 0 else { continue }
            let start = (0...end).first { bytes[$0..<($0 + sought.count)].elementsEqual(sought) }
            if let start { first = (candidate, start) }
        }
        return first
    }
}
