/// Where a change of an input comes from.
package struct InputCause: Hashable, Sendable {
    /// From what made the input up to what is not as it was: `["data", "weights"]`.
    package let path: [String]
    package let change: Change

    package enum Change: Hashable, Sendable {
        /// It has another kind, version, options or files; one line each.
        case definition([String])

        /// It ran again with the same key and gave other bytes.
        case bytes

        /// The end of the path is read in place of what was read before.
        case source(input: String, now: String, before: String)

        /// The end of the path gathers another number of artifacts.
        case count(input: String, now: Int, before: Int)

        /// Nothing is known of how it was made before.
        case unknown
    }

    /// `weights ran again with ratio exact -> geometric-mean`
    package var text: String {
        guard let first = path.first, let last = path.last else { return own }
        switch change {
        case .bytes where path.count == 1: return "\(first) ran again and gave other bytes"
        case .definition(let lines) where path.count == 1:
            let options = lines.map { $0.hasPrefix("with.") ? $0.dropFirst("with.".count) : nil }
            let known = options.compactMap { $0 }
            return known.count == lines.count
                ? "\(first) ran again with \(known.joined(separator: ", "))"
                : "\(first) ran again: \(own)"
        case .unknown: return "\(first) ran again"
        default:
            return path.count == 1
                ? "\(first) ran again: \(own)" : "\(first) ran again because of \(last): \(own)"
        }
    }

    /// What is not as it was, without saying where.
    package var own: String {
        switch change {
        case .definition(let lines): lines.joined(separator: ", ")
        case .bytes: "other bytes with the same key"
        case .source(let input, let now, let before): "in.\(input) is \(now) instead of \(before)"
        case .count(let input, let now, let before):
            "in.\(input) has \(now) artifacts instead of \(before)"
        case .unknown: "unknown"
        }
    }
}
