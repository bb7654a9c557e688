import Yams

/// Reads YAML into nodes with places and collects what is wrong with the YAML itself.
struct SyntaxReader {
    private var findings: Findings
    private var budget = Self.valueLimit

    /// Whether every node was read: a part of a file would only raise false complaints.
    private var isWhole = true

    /// Nodes deeper than this are refused: the language needs six levels.
    static let depthLimit = 32

    /// A file may hold, or expand through aliases to, this many values.
    static let valueLimit = 50_000

    /// The root of `source`, or `nil` with the reason added to `findings`.
    static func read(_ source: SourceFile, into findings: inout Findings) -> SyntaxNode? {
        guard source.text.utf8.count <= SourceFile.sizeLimit else {
            findings.add(.tooLarge(limit: SourceFile.sizeLimit), at: .start)
            return nil
        }
        var reader = SyntaxReader(findings: findings)
        defer { findings = reader.findings }
        guard let root = reader.compose(Masking.hidingReferences(in: source.text)) else {
            return nil
        }
        let node = reader.node(root, depth: 0)
        return reader.isWhole ? node : nil
    }

    private init(findings: Findings) { self.findings = findings }

    /// Composes `text`; each repeated key is reported and then hidden, so that the rest is read too.
    private mutating func compose(_ text: String) -> Node? {
        var text = text
        for number in UInt32(0)..<20 {
            switch Result(catching: { try Yams.Parser(yaml: text, encoding: .utf8).singleRoot() }) {
            case .success(let root):
                if root == nil { findings.add(.emptyFile, at: .start) }
                return root
            case .failure(YamlError.duplicatedKeysInMapping(let keys, let context)):
                let first = Position(context.mark)
                let key = keys.first ?? ""
                guard let repeated = RepeatedKey.find(key, after: first, in: text, number: number)
                else {
                    findings.add(.repeatedKey(key, first: nil), at: first)
                    return nil
                }
                findings.add(.repeatedKey(key, first: first), at: repeated.position)
                text = repeated.hidden
            case .failure(let error):
                report(error)
                return nil
            }
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

    private mutating func node(_ node: Node, depth: Int) -> SyntaxNode? {
        let position = node.mark.map(Position.init) ?? .start
        budget -= 1
        guard depth < Self.depthLimit else {
            findings.add(.tooDeep(limit: Self.depthLimit), at: position)
            isWhole = false
            return nil
        }
        guard budget > 0 else {
            isWhole = false
            if budget == 0 { findings.add(.tooManyValues(limit: Self.valueLimit), at: position) }
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let text = Masking.showingReferences(in: scalar.string)
            let isText =
                scalar.style != .plain || scalar.tag.description == "tag:yaml.org,2002:str"
            let value = isText ? .text(text) : Value(plainScalar: text)
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
            for (key, value) in mapping {
                if let entry = entry(key, value, depth: depth) { entries.append(entry) }
            }
            return SyntaxNode(position: position, content: .table(entries))
        case .alias: preconditionFailure("Yams composes aliases into what they name")
        }
    }

    private mutating func entry(_ key: Node, _ value: Node, depth: Int) -> SyntaxEntry? {
        let position = key.mark.map(Position.init) ?? .start
        guard case .scalar(let scalar) = key else {
            findings.add(.keyNotText, at: position)
            return nil
        }
        guard !Masking.isHiddenKey(scalar.string),
            let node = node(value, depth: depth + 1)
        else { return nil }
        return SyntaxEntry(
            key: Masking.showingReferences(in: scalar.string), position: position, node: node)
    }
}

extension Position {
    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
