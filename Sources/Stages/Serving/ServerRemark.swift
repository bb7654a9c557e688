/// The line of a server's output that may explain why it ended: the last one that names an error, or else the last one.
/// Tracebacks name the cause last, but several processes write one, and some only refer to another's.
package struct ServerRemark {
    private var last = EngineRemark()
    private var error: String?

    /// What a line contains that only refers to an error above.
    private static let reference = "See root cause above"

    package init() {}

    package var line: String { error ?? last.line }

    /// Takes a line into account.
    package mutating func note(_ text: String) {
        last.note(text)
        guard let range = text.firstRange(of: /\b\w*[Ee]rror[:,]/), !text.contains(Self.reference)
        else { return }
        // Without time, process and place.
        error = String(text[range.lowerBound...])
    }
}
