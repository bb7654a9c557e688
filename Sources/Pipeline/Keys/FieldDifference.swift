import Files
import JSON

/// A changed field of a key document.
package struct FieldDifference: Hashable, Sendable {
    /// The name of the field, such as `with.learning_rate`, `with.run[2]`, `in.data` or `kind version`.
    package let field: String

    /// The values in readable form; `nil` if the field was missing.
    package let old: String?
    package let new: String?

    /// The difference in one line.
    package let line: String
    package let isInput: Bool

    /// The difference of two values.
    init(_ field: String, _ old: JSONValue?, _ new: JSONValue?) {
        self.field = field
        (self.old, self.new) = Self.spelled(old, new)
        isInput = false
        switch (self.old, self.new) {
        case (let old?, let new?): line = "\(field) \(old) -> \(new)"
        case (nil, let new?): line = "\(field) added: \(new)"
        case (let old, nil): line = "\(field) removed" + (old.map { ", was \($0)" } ?? "")
        }
    }

    /// The difference of the contents of a file; `nil` if there is none.
    init?(file name: String, _ old: Digest?, _ new: Digest?) {
        guard old != new else { return nil }
        // The environment is that of the profile, and not an option.
        field = name == ProgramEnvironment.label ? name : "with.\(name)"
        self.old = old.map(Self.short)
        self.new = new.map(Self.short)
        isInput = false
        line = Self.line(field, self.old, self.new)
    }

    /// The change of an environment variable, whose value is not shown.
    init(variable name: String, was: Bool, is isNow: Bool) {
        field = "environment.\(name)"
        old = nil
        new = nil
        isInput = false
        line = "\(field) " + (was && isNow ? "changed" : isNow ? "added" : "removed")
    }

    /// The difference of the artifacts of an input; `nil` if there is none.
    init?(input name: String, _ old: [Digest]?, _ new: [Digest]?) {
        guard old != new else { return nil }
        let field = "in.\(name)"
        self.field = field
        isInput = true
        guard let old, let new, old.count == new.count else {
            self.old = old.map(Self.count)
            self.new = new.map(Self.count)
            switch (old, new) {
            case (let old?, let new?):
                line = "\(field) changed: \(Self.count(old)) -> \(new.count)"
            case (nil, _): line = "\(field) added"
            case (_, nil): line = "\(field) removed"
            }
            return
        }
        let changed = zip(old, new).filter { $0 != $1 }
        let (before, now) = changed.first.map { (Self.short($0), Self.short($1)) } ?? ("", "")
        self.old = before
        self.new = now
        line =
            new.count == 1
            ? Self.line(field, before, now)
            : "\(field) changed: \(changed.count) of \(new.count) artifacts, first "
                + "\(before) -> \(now)"
    }

    /// The differences of two values. Tables, and lists of equal length, are compared member by member.
    package static func all(_ field: String, _ old: JSONValue?, _ new: JSONValue?)
        -> [FieldDifference]
    {
        // `1` and `1.0` are equal.
        guard old.map({ ExactText($0.canonical) }) != new.map({ ExactText($0.canonical) }) else {
            return []
        }
        switch (old, new) {
        case (.array(let old)?, .array(let new)?) where old.count == new.count:
            return old.indices.flatMap { all("\(field)[\($0)]", old[$0], new[$0]) }
        case (.object(let old)?, .object(let new)?):
            return Set(old.keys).union(new.keys).sorted().flatMap {
                all("\(field).\($0)", old[$0], new[$0])
            }
        default: return [FieldDifference(field, old, new)]
        }
    }

    private static func line(_ field: String, _ old: String?, _ new: String?) -> String {
        switch (old, new) {
        case (let old?, let new?): "\(field) changed: \(old) -> \(new)"
        case (nil, _): "\(field) added"
        case (_, nil): "\(field) removed"
        }
    }

    private static func count(_ digests: [Digest]) -> String {
        digests.count == 1 ? "1 artifact" : "\(digests.count) artifacts"
    }

    private static func short(_ digest: Digest) -> String { digest.hex.prefix(6) + "..." }

    /// The printed forms of two values, which differ visibly if the values differ.
    private static func spelled(_ old: JSONValue?, _ new: JSONValue?) -> (
        old: String?, new: String?
    ) {
        guard let old, let new else { return (old.map(short), new.map(short)) }
        guard short(old) == short(new) else { return (short(old), short(new)) }
        var (before, now) = (old.canonical, new.canonical)
        if before == now { (before, now) = (before.asciiSpelling, now.asciiSpelling) }
        let same = zip(before, now).prefix { $0 == $1 }.count
        let start = max(0, same - 20)
        let mark = start == 0 ? "" : "..."
        return (brief(mark + before.dropFirst(start)), brief(mark + now.dropFirst(start)))
    }

    /// A text without quotes if it cannot be confused with another type.
    private static func short(_ value: JSONValue) -> String {
        if case .string(let text) = value, text.isPlainWord { return brief(text) }
        return brief(value.canonical)
    }

    private static func brief(_ text: String) -> String {
        text.count <= 60 ? text : text.prefix(57) + "..."
    }
}

extension String {
    /// The text with non-ASCII characters escaped, because two encodings of an accent look alike.
    fileprivate var asciiSpelling: String {
        unicodeScalars.map { $0.isASCII ? String($0) : $0.escaped(asASCII: true) }.joined()
    }

    /// Whether it is a word that YAML parses as the same text.
    fileprivate var isPlainWord: Bool {
        let isWord = utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "_-./:@%+=".utf8.contains(byte)
        }
        return !isEmpty && isWord && JSONValue(plainScalar: self) == .string(self)
    }
}
