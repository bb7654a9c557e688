/// A text with references to directories that are known only when the stage runs: `${in.NAME}`, `${in.NAME.manifest}`,
/// `${out.NAME}` and `${stage.work}`. The rest is literal text, whatever its origin; it is not scanned again.
///
/// An odd number of dollar signs before `{in.`, `{out.` or `{stage.work}` starts a reference; each remaining pair stands
/// for one dollar sign.
package struct ArgumentTemplate: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        case text(String)
        /// The directories of an input.
        case input(String)
        /// A file that lists the directories of an input.
        case manifest(String)
        case output(String)
        /// The directory that is kept between the attempts of an execution.
        case work
    }

    package let parts: [Part]

    package init(_ text: String) {
        var parts: [Part] = []
        var plain = ""
        var rest = text.utf8[...]
        func take(_ count: Int) -> String {
            defer { rest = rest.dropFirst(count) }
            return String(Substring(rest.prefix(count)))
        }
        while !rest.isEmpty {
            plain += take(rest.prefix { $0 != Self.dollar }.count)
            let dollars = rest.prefix { $0 == Self.dollar }.count
            guard Self.startsReference(rest.dropFirst(dollars)) else {
                plain += take(dollars)
                continue
            }
            plain += take(dollars / 2)
            rest = rest.dropFirst(dollars - dollars / 2)
            guard dollars % 2 == 1 else { continue }
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                plain += "$"
                continue
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(Self.part(rest[..<end].dropFirst()))
            rest = rest[end...].dropFirst()
        }
        if !plain.isEmpty || parts.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    /// Escapes `text` so that it is parsed as literal text. Before a reference, trailing dollar signs are escaped too.
    static func spelling(of text: String, isBeforeReference: Bool) -> String {
        var spelling = ""
        var rest = text.utf8[...]
        while let start = rest.firstIndex(of: dollar) {
            let dollars = rest[start...].prefix { $0 == dollar }
            let next = rest[dollars.endIndex...]
            spelling += String(Substring(rest[..<dollars.endIndex]))
            if startsReference(next) || (next.isEmpty && isBeforeReference) {
                spelling += String(Substring(dollars))
            }
            rest = next
        }
        return spelling + String(Substring(rest))
    }

    private static let dollar = UInt8(ascii: "$")
    private static let inputScope = "{in."
    private static let outputScope = "{out."
    private static let manifest = ".manifest"

    /// The reference to the directory that is kept between attempts, without its braces. Only this one of its scope is
    /// a reference, so that other texts have the keys that they always had.
    static let work = "stage.work"

    private static func startsReference(_ bytes: Substring.UTF8View) -> Bool {
        bytes.starts(with: inputScope.utf8) || bytes.starts(with: outputScope.utf8)
            || bytes.starts(with: "{\(work)}".utf8)
    }

    /// Parses a reference `in.NAME` without its braces.
    private static func part(_ inside: Substring.UTF8View) -> Part {
        if inside.elementsEqual(work.utf8) { return .work }
        let words = Substring(inside).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(words.last ?? "")
        guard words.first == "in" else { return .output(name) }
        return Self.listed(name).map { .manifest($0) } ?? .input(name)
    }

    /// The input of `NAME.manifest`; `nil` for other names.
    static func listed(_ name: String) -> String? {
        guard name.hasSuffix(manifest) else { return nil }
        return String(name.dropLast(manifest.count))
    }
}
