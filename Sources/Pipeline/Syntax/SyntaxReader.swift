import JSON
import Yams

/// Parses YAML into nodes with positions and collects syntax errors.
struct SyntaxReader {
    private let masking: Masking
    private let leastContent: String
    private var findings: Findings
    private var budget = Self.valueLimit

    /// The values of the anchors read so far.
    private var anchored: [String: Anchored] = [:]

    private struct Anchored {
        let node: SyntaxNode
        /// The number of values in it, including itself, and their depth.
        let size: Int
        let height: Int
    }

    /// Whether all nodes were read. Checking a part of a file would report false errors.
    private var isWhole = true

    /// The maximum depth of nodes; the language needs six levels.
    static let depthLimit = 32

    /// The maximum number of values in a file, including those that aliases expand to.
    static let valueLimit = 50_000

    /// The maximum product of the number of keys that are lists or tables and the bytes of the file.
    private static let workLimit = 8 << 20

    /// The root of `source`; `nil` after an error, which is added to `findings`. The error of an empty file names
    /// `leastContent`.
    static func read(
        _ source: SourceFile, into findings: inout Findings,
        leastContent: String = "`name:` and `stages:`"
    ) -> SyntaxNode? {
        guard source.text.utf8.count <= SourceFile.sizeLimit else {
            findings.add(.tooLarge(limit: SourceFile.sizeLimit), at: .start)
            return nil
        }
        guard let masking = Masking(source.text) else {
            findings.add(.privateCharacters, at: .start)
            return nil
        }
        var reader = SyntaxReader(
            masking: masking, findings: findings, leastContent: leastContent)
        defer { findings = reader.findings }
        if let position = costlyKey(in: masking.text) {
            reader.findings.add(.keyNotText, at: position)
            return nil
        }
        guard let (root, parser) = reader.compose() else { return nil }
        // Anchors of nodes are valid as long as the parser exists.
        return withExtendedLifetime(parser) {
            let node = reader.node(root, depth: 0)
            return reader.isWhole ? node : nil
        }
    }

    /// The position of the first of many keys that are lists or tables, if there are any. Yams compares such keys with
    /// all their contents at every level, which takes too long.
    private static func costlyKey(in text: String) -> Position? {
        let bytes = Array(text.utf8)
        var count = 0
        var last = 0
        var before = UInt8(ascii: "\n")
        for (index, byte) in bytes.enumerated() where byte != 0x20 && byte != 0x09 {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
            let starts =
                byte == UInt8(ascii: "?") && next <= 0x20 && "\n\r-?:{[,".utf8.contains(before)
            let ends = byte == UInt8(ascii: ":") && "]}".utf8.contains(before)
            if starts || ends {
                count += 1
                last = index
            }
            before = byte
        }
        guard count * bytes.count > workLimit else { return nil }
        let unicode = text.unicodeScalars
        let place = text.utf8.index(text.startIndex, offsetBy: last)
        return SourceFile(path: "", text: text).position(
            of: place.samePosition(in: unicode) ?? place)
    }

    private init(masking: Masking, findings: Findings, leastContent: String) {
        self.leastContent = leastContent
        self.masking = masking
        self.findings = findings
    }

    private mutating func compose() -> (Node, Yams.Parser)? {
        do {
            // This reader resolves the types of scalars itself.
            let parser = try Yams.Parser(yaml: masking.text, resolver: .basic, encoding: .utf8)
            if let root = try parser.singleRoot() { return (root, parser) }
            findings.add(.emptyFile(least: leastContent), at: .start)
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            // Only a key that is not masked.
            let key = masking.original(keys.first ?? "")
            findings.add(.repeatedKey(key, first: nil), at: Position(context.mark))
        } catch {
            report(error)
        }
        return nil
    }

    private mutating func report(_ error: any Error) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            guard !problem.hasPrefix("Maximum nesting level") else {
                findings.add(.tooDeep(limit: Self.depthLimit), at: Position(mark))
                return
            }
            let start = context.map { Position($0.mark) } ?? Position(mark)
            let isUnclosed = Mistake.unclosed.contains(problem) && start.line < mark.line
            findings.add(
                .syntax(problem: problem, context: context?.text),
                at: isUnclosed ? start : Position(mark))
        case YamlError.reader(let problem, let offset, _, let text):
            let index = offset.flatMap {
                text.index(text.startIndex, offsetBy: $0, limitedBy: text.endIndex)
            }
            findings.add(
                .syntax(problem: problem, context: nil),
                at: index.map(SourceFile(path: "", text: text).position(of:)) ?? .start)
        default: findings.add(.syntax(problem: "\(error)", context: nil), at: .start)
        }
    }

    /// Reads `node`, and stores it if it has an anchor. Keys are not counted as values.
    private mutating func node(_ node: Node, depth: Int, cost: Int = 1) -> SyntaxNode? {
        let position = node.mark.map(Position.init) ?? .start
        guard depth < Self.depthLimit else {
            findings.add(.tooDeep(limit: Self.depthLimit), at: position)
            isWhole = false
            return nil
        }
        if case .scalar(let scalar) = node, scalar.style == .plain,
            let name = masking.alias(scalar.string)
        {
            return named(String(name), at: position, depth: depth)?.node
        }
        let before = budget
        guard spend(cost, at: position), isKnown(node, at: position) else { return nil }
        guard let read = content(of: node, at: position, depth: depth) else { return nil }
        if let anchor = node.anchor?.rawValue {
            anchored[anchor] = Anchored(
                node: read, size: before - budget, height: read.height)
        }
        return read
    }

    private mutating func content(
        of node: Node, at position: Position, depth: Int
    ) -> SyntaxNode? {
        switch node {
        case .scalar(let scalar):
            let text = masking.original(scalar.string)
            guard !text.utf8.contains(0) else {
                findings.add(.zeroByte, at: position)
                isWhole = false
                return nil
            }
            let isText = scalar.style != .plain || scalar.tag.description == Self.textTag
            let value = isText ? .string(text) : JSONValue(plainScalar: text)
            return SyntaxNode(position: position, content: .scalar(value, spelling: text))
        case .sequence(let sequence):
            var nodes = [SyntaxNode]()
            for element in sequence {
                guard let element = self.node(element, depth: depth + 1) else { continue }
                nodes.append(element)
            }
            return SyntaxNode(position: position, content: .list(nodes))
        case .mapping(let mapping):
            var entries = [SyntaxEntry]()
            var positions: [String: Position] = [:]
            for (key, value) in mapping {
                let entry = entry(key, value, depth: depth, after: &positions)
                if let entry { entries.append(entry) }
            }
            return SyntaxNode(position: position, content: .table(entries))
        case .alias: preconditionFailure("aliases are hidden from Yams")
        }
    }

    /// `positions` has the positions of the keys so far.
    private mutating func entry(
        _ key: Node, _ value: Node, depth: Int, after positions: inout [String: Position]
    ) -> SyntaxEntry? {
        let position = key.mark.map(Position.init) ?? .start
        guard case .scalar(let scalar) = key else {
            findings.add(.keyNotText, at: position)
            return nil
        }
        let text = masking.original(scalar.string)
        if let first = positions[text] {
            findings.add(.repeatedKey(text, first: first), at: position)
            return nil
        }
        positions[text] = position
        guard text != "<<" || scalar.style != .plain else {
            findings.add(.mergeKey, at: position)
            isWhole = false
            return nil
        }
        guard let name = node(key, depth: depth + 1, cost: 0),
            let node = node(value, depth: depth + 1)
        else { return nil }
        guard case .scalar(_, let spelling) = name.content else {
            findings.add(.keyNotText, at: position)
            return nil
        }
        return SyntaxEntry(key: spelling, position: position, node: node)
    }

    /// Subtracts `count` values from the budget; `false` if too few are left.
    private mutating func spend(_ count: Int, at position: Position) -> Bool {
        if budget > 0, budget <= count {
            findings.add(.tooManyValues(limit: Self.valueLimit), at: position)
        }
        budget -= count
        if budget <= 0 { isWhole = false }
        return budget > 0
    }

    /// Resolves an alias.
    private mutating func named(
        _ name: String, at position: Position, depth: Int
    ) -> Anchored? {
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy {
                switch $0 {
                case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
        guard isName, let found = anchored[name] else {
            findings.add(
                isName
                    ? .syntax(problem: "found undefined alias", context: nil)
                    : .syntax(
                        problem: "did not find expected alphabetic or numeric character",
                        context: "while scanning an alias"), at: position)
            isWhole = false
            return nil
        }
        guard spend(found.size, at: position) else { return nil }
        guard depth + found.height <= Self.depthLimit else {
            findings.add(.tooDeep(limit: Self.depthLimit), at: position)
            isWhole = false
            return nil
        }
        return found
    }

    private static let textTag = "tag:yaml.org,2002:str"

    /// Reports an unknown tag, which would otherwise be ignored.
    private mutating func isKnown(_ node: Node, at position: Position) -> Bool {
        let standard = "tag:yaml.org,2002:"
        let (tag, known) =
            switch node {
            case .scalar(let scalar): (scalar.tag.description, Self.textTag)
            case .sequence(let sequence): (sequence.tag.description, standard + "seq")
            case .mapping(let mapping): (mapping.tag.description, standard + "map")
            case .alias: ("", "")
            }
        guard !tag.isEmpty, tag != known else { return true }
        let written = tag.hasPrefix(standard) ? "!!" + tag.dropFirst(standard.count) : tag
        findings.add(.unknownTag(masking.original(written)), at: position)
        isWhole = false
        return false
    }
}

extension Position {
    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
