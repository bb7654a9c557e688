import JSON

/// The names that references can use at a place of the file.
struct Scope {
    /// The valid parameters; numbers keep their spelling. A parameter with an invalid value is missing.
    let parameters: [String: SyntaxNode]

    /// Every declared parameter.
    let declared: Set<String>

    /// The axis values of this instance; `nil` where `${matrix...}` is not allowed.
    var axes: [String: SyntaxNode]?

    /// The declared axes, including invalid ones.
    var declaredAxes: Set<String> = []

    /// The names of inputs and outputs whose references are resolved when the stage runs; `nil` where they are not
    /// allowed.
    var files: (inputs: [String], outputs: [String])?

    init(
        parameters: [String: SyntaxNode], declared: some Sequence<String>,
        axes: [String: SyntaxNode]? = nil
    ) {
        self.parameters = parameters
        self.declared = Set(declared)
        self.axes = axes
    }

    /// The maximum size of a value after replacing references: bytes of text, plus `unit` for each value.
    static let valueLimit = 8 << 20

    /// The maximum size of all values of a pipeline in all instances together.
    static let totalLimit = 64 << 20

    private static let unit = 64

    /// Replaces every reference in `node` by its value; `nil` after a mistake.
    func substitute(_ node: SyntaxNode, into findings: inout Findings) -> SyntaxNode? {
        guard !findings.isFull else { return nil }
        var left = Self.valueLimit
        charge(node, depth: 0, &left)
        guard
            findings.charge(
                Self.valueLimit - max(left, 0), isTooLarge: left < 0, at: node.position)
        else { return nil }
        return replaced(node, into: &findings)
    }

    /// Subtracts the size of `node` from `left`. The result is negative if `node` is too large or nested too deeply.
    private func charge(_ node: SyntaxNode, depth: Int, _ left: inout Int) {
        guard left >= 0 else { return }
        left -= Self.unit
        switch node.content {
        case .scalar(.string(let text), _):
            left -= text.utf8.count
            guard text.utf8.contains(UInt8(ascii: "$")) else { return }
            for case .reference(let reference) in Template(text).parts {
                switch reference.scope {
                case "params":
                    if let node = parameters[reference.name] { charge(node.value, depth, &left) }
                case "matrix":
                    if let node = axes?[reference.name] { charge(node.value, depth, &left) }
                default: break
                }
            }
        case .scalar, .mistaken: break
        case .list(let nodes): for node in nodes { charge(node, depth: depth + 1, &left) }
        case .table(let entries):
            for entry in entries { charge(entry.node, depth: depth + 1, &left) }
        }
    }

    private func charge(_ value: JSONValue, _ depth: Int, _ left: inout Int) {
        guard left >= 0 else { return }
        guard depth <= SyntaxReader.depthLimit else {
            left = -1
            return
        }
        left -= Self.unit
        switch value {
        case .string(let text): left -= text.utf8.count
        case .array(let values): for value in values { charge(value, depth + 1, &left) }
        case .object(let table): for value in table.values { charge(value, depth + 1, &left) }
        case .null, .bool, .integer, .number: break
        }
    }

    private func replaced(_ node: SyntaxNode, into findings: inout Findings) -> SyntaxNode? {
        guard !findings.isFull else { return nil }
        switch node.content {
        case .scalar(.string(let text), _):
            return substitute(text, of: node, into: &findings)
        case .scalar: return node
        case .mistaken: return nil
        case .list(let nodes):
            var whole = true
            var list = [SyntaxNode]()
            for node in nodes {
                if let node = replaced(node, into: &findings) {
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
                if let node = replaced(entry.node, into: &findings) {
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
        var plain = ""
        /// The text since the last directory, escaped so that it remains text when the stage runs.
        func finish(beforeReference: Bool) {
            result +=
                files == nil
                ? plain
                : ArgumentTemplate.spelling(of: plain, isBeforeReference: beforeReference)
            plain = ""
        }
        for part in template.parts {
            switch part {
            case .text(let text): plain += text
            case .broken(let text):
                let position = findings.position(of: text, from: node.position)
                findings.add(.brokenReference(text), at: position)
                return nil
            case .reference(let reference):
                switch look(up: reference) {
                case .failure(let unknown):
                    if let mistake = unknown.mistake {
                        let position = findings.position(
                            of: reference.spelling, from: node.position)
                        findings.add(mistake, at: position)
                    }
                    return nil
                case .success(.directory):
                    finish(beforeReference: true)
                    result += reference.spelling
                case .success(.value(let value)):
                    if template.soleReference != nil {
                        return axes == nil
                            ? value.copy(at: node.position)
                            : spelled(SyntaxNode(value.value, at: node.position))
                    }
                    guard let text = value.inText else {
                        let position = findings.position(
                            of: reference.spelling, from: node.position)
                        findings.add(
                            .notInText(reference.spelling, found: value.summary), at: position)
                        return nil
                    }
                    plain += text
                }
            }
        }
        finish(beforeReference: false)
        return SyntaxNode(
            position: node.position, content: .scalar(.string(result), spelling: result))
    }

    /// The value of a parameter, with its texts escaped so that they remain texts when the stage runs.
    private func spelled(_ node: SyntaxNode) -> SyntaxNode {
        guard files != nil else { return node }
        switch node.content {
        case .scalar(.string(let text), _):
            let text = ArgumentTemplate.spelling(of: text, isBeforeReference: false)
            return SyntaxNode(
                position: node.position, content: .scalar(.string(text), spelling: text))
        case .list(let nodes):
            return SyntaxNode(position: node.position, content: .list(nodes.map(spelled)))
        case .scalar, .table, .mistaken: return node
        }
    }

    private enum Found {
        case value(SyntaxNode)
        /// A directory that is known when the stage runs.
        case directory
    }

    private struct Unknown: Error {
        /// `nil` if the mistake was reported at its origin.
        let mistake: Mistake?
    }

    private func look(up reference: Template.Reference) -> Result<Found, Unknown> {
        let name = reference.name
        switch (reference.scope, axes, files) {
        case ("params", _, _):
            if let value = parameters[name] { return .success(.value(value)) }
            let isKnown = declared.contains(name)
            let mistake = Mistake.unknownParameter(name, known: declared.sorted())
            return .failure(Unknown(mistake: isKnown ? nil : mistake))
        case ("matrix", let axes?, _):
            if let value = axes[name] { return .success(.value(value)) }
            let isKnown = declaredAxes.contains(name)
            let mistake = Mistake.unknownAxis(name, known: axes.keys.sorted())
            return .failure(Unknown(mistake: isKnown ? nil : mistake))
        case ("in", _, let files?):
            guard files.inputs.contains(ArgumentTemplate.listed(name) ?? name) else {
                let mistake = Mistake.unknownInputReference(name, known: files.inputs)
                return .failure(Unknown(mistake: mistake))
            }
            return .success(.directory)
        case ("out", _, let files?):
            guard files.outputs.contains(name) else {
                let mistake = Mistake.unknownOutputReference(name, known: files.outputs)
                return .failure(Unknown(mistake: mistake))
            }
            return .success(.directory)
        case ("stage", _, _?) where "stage.\(name)" == ArgumentTemplate.work:
            return .success(.directory)
        default:
            var known = ["params."]
            if axes != nil { known.append("matrix.") }
            if files != nil { known += ["in.", "out.", ArgumentTemplate.work] }
            return .failure(
                Unknown(mistake: .unknownScope(reference.spelling, known: known)))
        }
    }
}

extension SourceFile {
    /// How far to search for the text of a reference, in scalars; further away it belongs to another value.
    private static let searchLimit = 1 << 16

    /// The position of the first occurrence of `text` at or after `position`; `position` itself if there is none.
    func position(of text: String, from position: Position) -> Position {
        let scalars = self.text.unicodeScalars
        var start = scalars.startIndex
        for _ in 1..<position.line {
            guard let end = self.text.utf8[start...].firstIndex(of: 10) else { return position }
            start = self.text.utf8.index(after: end)
        }
        var index = scalars.index(start, offsetBy: position.column - 1, limitedBy: scalars.endIndex)
        var place = position
        for _ in 0..<Self.searchLimit {
            guard let here = index, here < scalars.endIndex else { break }
            if scalars[here...].starts(with: text.unicodeScalars) { return place }
            place =
                scalars[here] == "\n"
                ? Position(line: place.line + 1, column: 1)
                : Position(line: place.line, column: place.column + 1)
            index = scalars.index(after: here)
        }
        return position
    }
}
