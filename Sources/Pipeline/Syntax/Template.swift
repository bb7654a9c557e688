/// A text with references such as `${params.seed}`; `$${` is an escaped `${`.
struct Template: Sendable {
    private(set) var parts: [Part] = []

    enum Part: Hashable, Sendable {
        case text(String)
        case reference(Reference)
        /// Text that looks like a reference but is not valid.
        case broken(String)
    }

    struct Reference: Hashable, Sendable {
        let scope: String
        let name: String

        var spelling: String { "${\(scope).\(name)}" }
    }

    init(_ text: String) {
        var rest = text[...]
        var plain = ""
        while let start = rest.range(of: "${") {
            plain += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            if plain.last == "$" {
                plain.removeLast()
                plain += "${"
                continue
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            guard let end = rest.firstIndex(of: "}") else {
                parts.append(.broken("${" + rest))
                return
            }
            parts.append(Self.part(rest[..<end]))
            rest = rest[rest.index(after: end)...]
        }
        plain += rest
        if !plain.isEmpty || parts.isEmpty { parts.append(.text(plain)) }
    }

    /// Escapes a literal text.
    static func spelling(of text: String) -> String {
        text.utf8.contains(UInt8(ascii: "$")) ? text.replacing("${", with: "$${") : text
    }

    private static func part(_ inside: Substring) -> Part {
        let words = inside.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let scope = words.first, let name = words.last,
            !scope.isEmpty, !name.isEmpty, inside.allSatisfy({ !$0.isWhitespace })
        else { return .broken("${\(inside)}") }
        return .reference(Reference(scope: String(scope), name: String(name)))
    }

    /// The text with `*` in place of its references; `nil` if there are none.
    var pattern: String? {
        let texts = parts.map { if case .text(let text) = $0 { text } else { "*" } }
        return texts.contains("*") ? texts.joined() : nil
    }

    /// The reference, if it is the whole text.
    var soleReference: Reference? {
        guard parts.count == 1, case .reference(let reference) = parts[0] else { return nil }
        return reference
    }
}

extension Substring {
    /// The first occurrence of the ASCII text `text`, found by bytes.
    fileprivate func range(of text: String) -> Range<Index>? {
        let (bytes, wanted) = (utf8, text.utf8)
        guard let first = wanted.first else { return nil }
        var start = bytes.startIndex
        while let place = bytes[start...].firstIndex(of: first) {
            if bytes[place...].starts(with: wanted) {
                return place..<bytes.index(place, offsetBy: wanted.count)
            }
            start = bytes.index(after: place)
        }
        return nil
    }
}
