/// The values of a pipeline's parameters: what the file says, unless `--set` says otherwise.
struct ParameterTable {
    private(set) var values: [String: Value] = [:]
    private let entries: [String: SyntaxEntry]
    private let overrides: [String: String]
    private var path: [String] = []
    private var finished: Set<String> = []

    /// Resolves every parameter, references to other parameters included.
    init(_ entries: [SyntaxEntry], overrides: [String: String], into findings: inout Findings) {
        self.entries = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
        self.overrides = overrides
        declared = Set(entries.map(\.key))
        for (name, text) in overrides.sorted(by: { $0.key < $1.key }) {
            if self.entries[name] == nil {
                let known = entries.map(\.key)
                findings.add(.unknownOverride(name, known: known), at: nil)
            } else if let value = Self.value(of: text) {
                values[name] = value
            } else {
                findings.add(.badOverride(name, value: text), at: nil)
            }
        }
        for entry in entries { resolve(entry, into: &findings) }
    }

    let declared: Set<String>

    private mutating func resolve(_ entry: SyntaxEntry, into findings: inout Findings) {
        let name = entry.key
        guard !finished.contains(name), overrides[name] == nil else { return }
        if let start = path.firstIndex(of: name) {
            findings.add(.parameterCycle(Array(path[start...])), at: entry.position)
            return
        }
        path.append(name)
        for reference in entry.node.references where reference.scope == "params" {
            if let other = entries[reference.name] { resolve(other, into: &findings) }
        }
        path.removeLast()
        finished.insert(name)
        if case .table = entry.node.content {
            let mistake = Mistake.wrongShape(
                of: "the parameter `\(name)`", wanted: "a value or a list", found: "a table")
            findings.add(mistake, at: entry.node.position)
            return
        }
        let scope = Scope(parameters: values, declared: declared)
        values[name] = scope.substitute(entry.node, into: &findings)?.value
    }

    /// The value of a `--set` text: YAML, but no table.
    private static func value(of text: String) -> Value? {
        let source = SourceFile(path: "--set", text: text)
        var findings = Findings(source: source)
        guard !text.isEmpty else { return .text("") }
        guard let node = SyntaxReader.read(source, into: &findings), !findings.hasErrors else {
            return nil
        }
        if case .table = node.content { return nil }
        return node.value
    }
}

extension SyntaxNode {
    /// Every reference in the texts below, in order.
    var references: [Template.Reference] {
        switch content {
        case .scalar(.text(let text), _):
            Template(text).parts.compactMap {
                guard case .reference(let reference) = $0 else { return nil }
                return reference
            }
        case .scalar: []
        case .list(let nodes): nodes.flatMap(\.references)
        case .table(let entries): entries.flatMap(\.node.references)
        }
    }
}
