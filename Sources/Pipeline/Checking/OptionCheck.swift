import Files
import JSON

/// Converts the values in the file to option values of the declared types.
struct OptionCheck {
    var findings: Findings
    private var fallback: JSONValue?
    fileprivate(set) var files: [Pipeline.FileUse] = []

    init(findings: Findings) { self.findings = findings }

    /// The value of `option`; `nil` after a mistake.
    mutating func value(of node: SyntaxNode, for option: StageKind.Option) -> JSONValue? {
        if node.isNull, option.fallback == .null { return .null }
        self.fallback = option.fallback
        return value(of: node, as: option.type, option.name)
    }

    private mutating func value(
        of node: SyntaxNode, as type: OptionType, _ name: String
    ) -> JSONValue? {
        switch (type, node.content) {
        case (.integer(let range), .scalar(let value, _)):
            if case .integer(let integer) = value.plain, range.contains(integer) {
                return .integer(integer)
            }
        case (.number(let range), .scalar(let value, _)):
            if let number = value.number, range.contains(number) { return .number(number) }
        case (.text, .scalar(let value, let spelling)):
            if value.inText != nil { return .string(spelling) }
        case (.flag, .scalar(.bool(let flag), _)): return .bool(flag)
        case (.choice(let choices), .scalar(let value, let spelling)):
            if choices.contains(spelling) { return .string(spelling) }
            if value.inText != nil {
                let mistake = Mistake.unknownChoice(spelling, option: name, known: choices)
                findings.add(mistake, at: node.position)
                return nil
            }
        case (.list(let element), .list(let nodes)):
            var values = [JSONValue]()
            for (index, node) in nodes.enumerated() {
                guard let value = value(of: node, as: element, "\(name)[\(index)]") else {
                    continue
                }
                values.append(value)
            }
            return values.count == nodes.count ? .array(values) : nil
        case (.map, .table): return node.value
        case (.table(let fields), .table(let entries)):
            return table(entries, at: node.position, fields, name)
        case (.shard, .scalar(let value, let spelling)):
            if Shard(spelling) != nil { return .string(spelling) }
            findings.add(.badShard(value.summary, option: name), at: node.position)
            return nil
        case (.file, .scalar(.string(let written), _)):
            return path(written, of: node, type, name, .file)
        case (.path, .scalar(.string(let written), _)):
            return path(written, of: node, type, name, .tree(ignoring: NamedFile.usuallyIgnored))
        case (.directory(let members), .scalar(.string(let written), _)):
            return path(written, of: node, type, name, .members(members))
        default: break
        }
        let mistake = Mistake.wrongOption(
            name, wanted: type.description, found: node.summary, fallback: fallback)
        findings.add(mistake, at: node.position)
        return nil
    }
}

extension OptionCheck {
    /// The values of all fields, with defaults filled in.
    private mutating func table(
        _ entries: [SyntaxEntry], at position: Position, _ fields: [StageKind.Option],
        _ name: String
    ) -> JSONValue? {
        let known = fields.map(\.name)
        let unknown = entries.filter { !known.contains($0.key) }
        for entry in unknown {
            findings.add(
                .unknownOption(entry.key, kind: name, known: known), at: entry.position)
        }
        var values: [String: JSONValue] = [:]
        for field in fields {
            guard let entry = entries.first(where: { $0.key == field.name }) else {
                values[field.name] = field.fallback
                if field.fallback == nil {
                    let mistake = Mistake.missingField(
                        field.name, option: name, wanted: field.type.description)
                    findings.add(mistake, at: position)
                }
                continue
            }
            if entry.node.isNull, field.fallback == .null {
                values[field.name] = .null
                continue
            }
            fallback = field.fallback
            values[field.name] = value(
                of: entry.node, as: field.type, "\(name).\(field.name)")
        }
        return unknown.isEmpty && values.count == fields.count ? .object(values) : nil
    }

    /// Resolves the path of an option against the directory of the file that contains it.
    private mutating func path(
        _ written: String, of node: SyntaxNode, _ type: OptionType, _ name: String,
        _ contents: NamedFile.Contents
    ) -> JSONValue? {
        guard !written.isEmpty, !written.contains("\0") else {
            findings.add(.badPath(option: name, wanted: type.description), at: node.position)
            return nil
        }
        var path = FilePath.joined(findings.source(of: node.position).directory, written)
        if case .tree = contents {
            while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") {
                path.unicodeScalars.removeLast()
            }
        }
        files.append(
            Pipeline.FileUse(
                file: NamedFile(label: name, written: written, path: path, contents: contents),
                position: node.position))
        return .string(path)
    }
}

/// One of several equal parts: `2/4` is the third of four parts.
package struct Shard: Hashable, Sendable {
    package let index: Int
    package let count: Int

    /// `nil` unless `text` is `index/count` with `index` from 0 and less than `count`.
    package init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard words.count == 2, let index = words[0], let count = words[1], index >= 0,
            index < count
        else { return nil }
        self.index = index
        self.count = count
    }

    /// The subrange of `0..<total` that belongs to this part. Sizes of parts differ by at most one.
    package func range(of total: Int) -> Range<Int> {
        start(of: index, total)..<start(of: index + 1, total)
    }

    /// `part * total / count` without intermediate overflow.
    private func start(of part: Int, _ total: Int) -> Int {
        count.dividingFullWidth(part.multipliedFullWidth(by: total)).quotient
    }
}

extension OptionType {
    /// For messages: `an integer from 1 to 10`.
    var description: String {
        switch self {
        case .integer(let range):
            "an integer"
                + Self.bounds(
                    range.lowerBound == .min ? nil : "\(range.lowerBound)",
                    range.upperBound == .max ? nil : "\(range.upperBound)")
        case .number(let range) where range.lowerBound == .leastNonzeroMagnitude:
            "a number above 0"
                + (range.upperBound.isBounded
                    ? " up to \(JSONValue.number(range.upperBound).canonical)" : "")
        case .number(let range):
            "a number"
                + Self.bounds(
                    range.lowerBound.isBounded ? JSONValue.number(range.lowerBound).canonical : nil,
                    range.upperBound.isBounded ? JSONValue.number(range.upperBound).canonical : nil)
        case .text: "a text"
        case .flag: "`true` or `false`"
        case .choice(let choices): "one of " + choices.map { "`\($0)`" }.joined(separator: ", ")
        case .list(let element): "a list, each \(element.description)"
        case .map: "a table"
        case .table(let fields):
            "a table with " + fields.map { "`\($0.name)`" }.joined(separator: ", ")
        case .shard: "a part such as `2/4`"
        case .file: "the path of a file"
        case .path: "the path of a file or directory"
        case .directory: "the path of a directory"
        }
    }

    private static func bounds(_ lower: String?, _ upper: String?) -> String {
        switch (lower, upper) {
        case (nil, nil): ""
        case (let lower?, nil): " from \(lower)"
        case (nil, let upper?): " up to \(upper)"
        case (let lower?, let upper?): " from \(lower) to \(upper)"
        }
    }
}

extension Double {
    fileprivate var isBounded: Bool { abs(self) < .greatestFiniteMagnitude }
}

extension JSONValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let integer): Double(exactly: integer)
        case .number(let number): number
        default: nil
        }
    }
}
