/// The cause of a changed input.
package struct InputCause: Hashable, Sendable {
    /// The path from the stage that made the input to the stage that changed: `["data", "weights"]`.
    package let path: [String]
    package let change: Change

    package enum Change: Hashable, Sendable {
        /// Its kind, version, options or files changed; one line per difference.
        case definition([String])

        /// It ran again with the same cache key and gave other bytes.
        case bytes

        /// The last stage of the path is read instead of another one.
        case source(input: String, now: String, before: String)

        /// The last stage of the path gathers a different number of artifacts.
        case count(input: String, now: Int, before: Int)

        /// The earlier origin of the input is unknown.
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

    /// The change without its location.
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
