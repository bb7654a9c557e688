import JSON

/// The values of the parameters of a pipeline: those of the file, replaced by those of `--set`.
struct ParameterTable {
    private(set) var nodes: [String: SyntaxNode] = [:]
    let declared: Set<String>

    /// Resolves every parameter, including references to other parameters.
    init(_ entries: [SyntaxEntry], overrides: [String: String], into findings: inout Findings) {
        declared = Set(entries.map(\.key))
        for (name, text) in overrides.sorted(by: { $0.key < $1.key }) {
            if !declared.contains(name) {
                let known = entries.map(\.key)
                findings.add(.unknownOverride(name, known: known), at: nil)
            } else if let node = Self.node(of: text) {
                nodes[name] = node
            } else {
                findings.add(.badOverride(name, value: text), at: nil)
            }
        }
        let order = ParameterOrder(entries, given: Set(overrides.keys), into: &findings)
        for entry in order.entries {
            if case .table = entry.node.content {
                let mistake = Mistake.wrongShape(
                    of: "the parameter `\(entry.key)`", wanted: "a value or a list",
                    found: "a table")
                findings.add(mistake, at: entry.node.position)
            } else {
                nodes[entry.key] = scope.substitute(entry.node, into: &findings)
            }
        }
    }

    var scope: Scope { Scope(parameters: nodes, declared: declared) }

    var values: [String: JSONValue] { nodes.mapValues(\.value) }

    /// Parses the value of `--set`: a YAML list or quoted text that spans the whole text, else the text itself, which
    /// may spell a number. The value is rejected if YAML would ignore a part of it, as at a comment or a line break.
    private static func node(of text: String) -> SyntaxNode? {
        let closing: Character?
        switch text.unicodeScalars.first {
        case "[": closing = "]"
        case "{": closing = "}"
        case "\"": closing = "\""
        case "'": closing = "'"
        default: closing = nil
        }
        guard let closing else {
            let content = SyntaxNode.Content.scalar(
                text.isEmpty ? .string("") : JSONValue(plainScalar: text), spelling: text)
            return SyntaxNode(position: .start, content: content)
        }
        guard text.last == closing, !text.unicodeScalars.contains(where: \.endsLine) else {
            return nil
        }
        let source = SourceFile(path: "--set", text: text)
        var findings = Findings(source: source)
        guard let node = SyntaxReader.read(source, into: &findings), !findings.hasErrors else {
            return nil
        }
        if case .table = node.content { return nil }
        return node
    }
}

extension Unicode.Scalar {
    /// Whether YAML treats the scalar as a line break.
    fileprivate var endsLine: Bool {
        switch self {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}

extension SyntaxNode {
    /// All references in the texts of the node, in order.
    var references: [Template.Reference] {
        switch content {
        case .scalar(.string(let text), _):
            Template(text).parts.compactMap {
                guard case .reference(let reference) = $0 else { return nil }
                return reference
            }
        case .scalar, .mistaken: []
        case .list(let nodes): nodes.flatMap(\.references)
        case .table(let entries): entries.flatMap(\.node.references)
        }
    }
}
