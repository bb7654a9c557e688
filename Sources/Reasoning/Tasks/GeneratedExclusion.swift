/// Questions that generated text must not contain, and how often a drawn one was refused for it.
package struct GeneratedExclusion<Identity: Hashable & Sendable>: Sendable {
    package let identities: Set<Identity>

    /// The number of draws that were refused. A refused chain or puzzle is drawn again.
    package private(set) var redraws = 0

    /// The number of draws in a row after which a part of a text is given up.
    static var patience: Int { 1000 }

    package init(_ identities: Set<Identity> = []) { self.identities = identities }

    /// Whether a drawn question is excluded. Without an exclusion the question is not even computed.
    mutating func refuses(_ identity: @autoclosure () -> Identity) -> Bool {
        guard !identities.isEmpty, identities.contains(identity()) else { return false }
        redraws += 1
        return true
    }
}
