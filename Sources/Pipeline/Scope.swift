/// What references may name at one place of the file.
struct Scope {
    /// A parameter whose value is mistaken is missing here.
    let parameters: [String: Value]

    /// Every declared parameter.
    let declared: Set<String>

    /// Values of this instance's axes; `nil` where `${matrix...}` makes no sense.
    var axes: [String: Value]?

    /// Axes the file declares, those with mistakes included.
    var declaredAxes: Set<String> = []

    /// Names of inputs and outputs that stay in place until the stage runs; `nil` where they make no
    /// sense.
    var files: (inputs: [String], outputs: [String])?

    init(
        parameters: [String: Value], declared: some Sequence<String>, axes: [String: Value]? = nil
    ) {
        self.parameters = parameters
        self.declared = Set(declared)
        self.axes = axes
    }

    /// `node` with every reference replaced by what it names; `nil` after a mistake.
    func substitute(_ node: SyntaxNode, into findings: inout Findings) -> SyntaxNode? {
        switch node.content {
        case .scalar(.text(let text), _):
            return substitute(text, of: node, into: &findings)
        case .scalar: return node
        case .list(let nodes):
            var whole = true
            var list = [SyntaxNode]()
            for node in nodes {
                if let node = substitute(node, into: &findings) {
                    list.append(node)
                } else {
                    whole = false
                }
            }
            return whole ? SyntaxNode(position: node.position, content: .list(list)) : nil
        case .table(let entries):
            var whole = true
            var table = [SyntaxEntry]()
            for entry in entries {
                if let node = substitute(entry.node, into: &findings) {
                    table.append(SyntaxEntry(key: entry.key, position: entry.position, node: node))
                } else {
                    whole = false
                }
            }
            return whole ? SyntaxNode(position: node.position, content: .table(table)) : nil
        }
    }

    private func substitute(
        _ text: String, of node: SyntaxNode, into findings: inout Findings
    ) -> SyntaxNode? {
        let template = Template(text)
        var result = ""
        for part in template.parts {
            switch part {
            case .text(let text): result += text
            case .broken(let text):
                let position = findings.source.position(of: text, from: node.position)
                findings.add(.brokenReference(text), at: position)
                return nil
            case .reference(let reference):
                switch look(up: reference) {
                case .failure(let unknown):
                    if let mistake = unknown.mistake {
                        let position = findings.source.position(
                            of: reference.spelling, from: node.position)
                        findings.add(mistake, at: position)
                    }
                    return nil
                case .success(let value):
                    if template.soleReference != nil { return SyntaxNode(value, at: node.position) }
                    guard let text = value.inText else {
                        let position = findings.source.position(
                            of: reference.spelling, from: node.position)
                        findings.add(
                            .notInText(reference.spelling, found: value.summary), at: position)
                        return nil
                    }
                    result += text
                }
            }
        }
        return SyntaxNode(
            position: node.position, content: .scalar(.text(result), spelling: result))
    }

    private struct Unknown: Error {
        /// `nil` if it is reported where it was made.
        let mistake: Mistake?
    }

    private func look(up reference: Template.Reference) -> Result<Value, Unknown> {
        let name = reference.name
        switch (reference.scope, axes, files) {
        case ("params", _, _):
            if let value = parameters[name] { return .success(value) }
            let isKnown = declared.contains(name)
            let mistake = Mistake.unknownParameter(name, known: declared.sorted())
            return .failure(Unknown(mistake: isKnown ? nil : mistake))
        case ("matrix", let axes?, _):
            if let value = axes[name] { return .success(value) }
            let isKnown = declaredAxes.contains(name)
            let mistake = Mistake.unknownAxis(name, known: axes.keys.sorted())
            return .failure(Unknown(mistake: isKnown ? nil : mistake))
        case ("in", _, let files?):
            guard files.inputs.contains(name) else {
                let mistake = Mistake.unknownInputReference(name, known: files.inputs)
                return .failure(Unknown(mistake: mistake))
            }
            return .success(.text(reference.spelling))
        case ("out", _, let files?):
            guard files.outputs.contains(name) else {
                let mistake = Mistake.unknownOutputReference(name, known: files.outputs)
                return .failure(Unknown(mistake: mistake))
            }
            return .success(.text(reference.spelling))
        default:
            var known = ["params."]
            if axes != nil { known.append("matrix.") }
            if files != nil { known += ["in.", "out."] }
            return .failure(
                Unknown(mistake: .unknownScope(reference.spelling, known: known)))
        }
    }
}

extension SourceFile {
    /// Where `text` first stands at or after `position`; `position` itself if it does not.
    func position(of text: String, from position: Position) -> Position {
        let scalars = Array(self.text.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var place = Position.start
        for index in scalars.indices {
            if place >= position, scalars[index...].starts(with: text) { return place }
            place =
                scalars[index] == "\n"
                ? Position(line: place.line + 1, column: 1)
                : Position(line: place.line, column: place.column + 1)
        }
        return position
    }
}
