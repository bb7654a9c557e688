/// Texts that end a continuation. They are looked for byte by byte, as inference servers do: a sign that
/// combines with the one after it is found as well.
public struct StopTexts: Hashable, Sendable {
    private let texts: [String]

    /// Bytes of the longest text.
    let longest: Int

    /// Texts to look for; empty ones are none.
    public init(_ texts: [String]) {
        self.texts = texts.filter { !$0.isEmpty }
        longest = self.texts.map(\.utf8.count).max() ?? 0
    }

    /// What stands before the first of the texts in `text`; all of it if none is there.
    public func before(in text: String) -> String {
        guard let found = first(in: text) else { return text }
        return String(decoding: text.utf8.prefix(found.start), as: UTF8.self)
    }

    /// The text that starts first in `text`, with the byte it starts at.
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
