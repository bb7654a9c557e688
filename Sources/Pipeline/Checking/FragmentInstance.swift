import JSON

/// The expansion of a fragment for one stage that uses it.
struct FragmentInstance {
    private let fragment: FragmentOutline
    private let user: StageOutline
    private(set) var findings: Findings

    /// The values of the parameters of the fragment, with the references of the using file.
    private var parameters: [String: SyntaxNode] = [:]
    private let names: Set<String>

    /// `path` is the path by which the using stage names the fragment. Mistakes in its values are added to `findings`.
    init(_ fragment: FragmentOutline, of user: StageOutline, path: String, findings: Findings) {
        self.fragment = fragment
        self.user = user
        self.findings = findings
        names = Set(fragment.stages.map(\.name))
        checkInputs(path)
        readParameters(path)
    }

    private mutating func checkInputs(_ path: String) {
        let known = fragment.inputs.map(\.name)
        for input in user.inputs where !known.contains(input.name) {
            findings.add(
                .unknownInput(input.name, kind: path, known: known), at: input.position)
        }
        guard user.areInputsReadable else { return }
        for input in fragment.inputs where input.isRequired && !isGiven(input.name) {
            let mistake = Mistake.missingInput(
                input.name, kind: path, wanted: input.type.description, candidates: [])
            findings.add(mistake, at: user.position)
        }
    }

    private func isGiven(_ input: String) -> Bool {
        user.brokenInputs.contains(input) || user.inputs.contains { $0.name == input }
    }

    /// Reads the values of the using stage, and the defaults of the other parameters.
    private mutating func readParameters(_ path: String) {
        let known = fragment.parameters.map(\.key)
        for option in user.options {
            if known.contains(option.key) {
                parameters[option.key] = option.node
            } else {
                findings.add(
                    .unknownOption(option.key, kind: path, known: known), at: option.position)
            }
        }
        let order = ParameterOrder(
            fragment.parameters, given: Set(parameters.keys), into: &findings)
        for entry in order.entries {
            if entry.node.isNull, entry.node.spelling.isEmpty {
                if user.areOptionsReadable {
                    findings.add(
                        .missingOption(entry.key, kind: path, wanted: "a value"),
                        at: user.position)
                }
                parameters[entry.key] = Self.mistaken(at: entry.position)
            } else {
                parameters[entry.key] = replaced(entry.node)
            }
        }
        guard user.fragmentPattern == nil else { return }
        let nodes = fragment.parameters.map(\.node) + fragment.stages.flatMap(\.nodes)
        let used = Set(nodes.flatMap(\.references).filter { $0.scope == "params" }.map(\.name))
        for parameter in fragment.parameters where !used.contains(parameter.key) {
            findings.add(.unusedParameter(parameter.key), at: parameter.position)
        }
    }

    /// The outputs of the fragment with the stage names of the using file.
    var outputs: [FragmentOutline.Output] {
        fragment.outputs.map { output in
            FragmentOutline.Output(
                name: output.name, source: output.source.renamed(outer(output.source.stage)))
        }
    }

    /// The stages with the names and references of the using file.
    mutating func stages() -> [StageOutline] {
        for output in fragment.outputs where !names.contains(output.source.stage) {
            findings.add(
                .unknownStage(output.source.stage, known: names.sorted()),
                at: output.source.position)
        }
        return fragment.stages.map { stage($0) }
    }

    private func outer(_ stage: String) -> String { "\(user.name)/\(stage)" }

    private mutating func stage(_ inner: StageOutline) -> StageOutline {
        var stage = StageOutline(name: outer(inner.name), position: inner.position)
        stage.uses = inner.uses.map { replaced($0) }
        stage.fragmentPattern = inner.uses?.text.flatMap { Template($0).pattern }
        stage.description = inner.description
        stage.brokenInputs = inner.brokenInputs
        stage.areInputsReadable = inner.areInputsReadable
        stage.inputs = inner.inputs.compactMap { input in
            switch sources(of: input) {
            case .given(let sources, let isList):
                return InputOutline(
                    name: input.name, position: input.position, sources: sources,
                    isList: isList)
            case .leftOut: return nil
            case .broken:
                stage.brokenInputs.insert(input.name)
                return nil
            }
        }
        stage.options = replaced(inner.options)
        stage.areOptionsReadable = inner.areOptionsReadable
        stage.needs = inner.needs.map { $0.renamed(outer($0.stage)) } + user.needs
        stage.axes = user.axes + replaced(inner.axes)
        stage.inheritedAxes = user.inheritedAxes
        // In nested fragments, the stage that declares the axis counts.
        for axis in user.axes where stage.inheritedAxes[axis.key] == nil {
            stage.inheritedAxes[axis.key] = user.name
        }
        for axis in inner.axes where user.axes.contains(where: { $0.key == axis.key }) {
            findings.add(.axisOfUser(axis.key, user: user.name), at: axis.position)
            stage.axes.removeAll { $0.position == axis.position && $0.key == axis.key }
        }
        stage.isOutsideMatrix = inner.isOutsideMatrix || user.isOutsideMatrix
        stage.replicates = user.replicates + inner.replicates
        let own = replaced(inner.resources)
        stage.resources =
            own + user.resources.filter { entry in !own.contains { $0.key == entry.key } }
        stage.retry = inner.retry.map { replaced($0) } ?? user.retry
        stage.timeout = inner.timeout.map { replaced($0) } ?? user.timeout
        return stage
    }

    private enum Sources {
        case given([SourceOutline], isList: Bool)
        /// An optional input that the using stage omits.
        case leftOut
        /// Reported already.
        case broken
    }

    private mutating func sources(of input: InputOutline) -> Sources {
        var found: [SourceOutline] = []
        var isList = input.isList
        for source in input.sources {
            guard source.stage == FragmentOutline.inputs else {
                guard names.contains(source.stage) else {
                    findings.add(
                        .unknownStage(source.stage, known: names.sorted()), at: source.position)
                    return .broken
                }
                found.append(source.renamed(outer(source.stage)))
                continue
            }
            let name = source.output ?? ""
            guard fragment.inputs.contains(where: { $0.name == name }) else {
                findings.add(
                    .unknownFragmentInput(name, known: fragment.inputs.map(\.name)),
                    at: source.position)
                return .broken
            }
            guard let given = user.inputs.first(where: { $0.name == name }) else {
                if user.brokenInputs.contains(name) { return .broken }
                continue
            }
            found += given.sources
            isList = isList || given.isList
        }
        if found.isEmpty, !input.sources.isEmpty { return .leftOut }
        return .given(found, isList: isList)
    }

    private mutating func replaced(_ entries: [SyntaxEntry]) -> [SyntaxEntry] {
        entries.map { replaced($0) }
    }

    private mutating func replaced(_ entry: SyntaxEntry) -> SyntaxEntry {
        SyntaxEntry(key: entry.key, position: entry.position, node: replaced(entry.node))
    }

    /// Replaces the parameters of the fragment in `node` by their values. References in the values are kept.
    private mutating func replaced(_ node: SyntaxNode) -> SyntaxNode {
        switch node.content {
        case .scalar(.string(let text), _): return replaced(text, of: node)
        case .scalar, .mistaken: return node
        case .list(let nodes):
            return SyntaxNode(
                position: node.position, content: .list(nodes.map { replaced($0) }))
        case .table(let entries):
            return SyntaxNode(position: node.position, content: .table(replaced(entries)))
        }
    }

    private mutating func replaced(_ text: String, of node: SyntaxNode) -> SyntaxNode {
        let template = Template(text)
        if let reference = template.soleReference, reference.scope == "params" {
            return value(of: reference, in: node)
        }
        var result = ""
        for part in template.parts {
            switch part {
            case .text(let text): result.appendTemplate(Template.spelling(of: text))
            case .broken(let text): result.appendTemplate(text)
            case .reference(let reference) where reference.scope != "params":
                result.appendTemplate(reference.spelling)
            case .reference(let reference):
                let value = value(of: reference, in: node)
                guard !value.isMistaken else { return value }
                guard let text = value.inText else {
                    findings.add(
                        .notInText(reference.spelling, found: value.summary),
                        at: findings.position(of: reference.spelling, from: node.position))
                    return Self.mistaken(at: node.position)
                }
                // Parameters that refer to each other can double in length with each step.
                let isTooLarge = result.utf8.count + text.utf8.count > Scope.valueLimit
                guard
                    findings.charge(
                        text.utf8.count, isTooLarge: isTooLarge, at: node.position)
                else { return Self.mistaken(at: node.position) }
                result.appendTemplate(text)
            }
        }
        return SyntaxNode(
            position: node.position, content: .scalar(.string(result), spelling: result))
    }

    private mutating func value(of reference: Template.Reference, in node: SyntaxNode) -> SyntaxNode
    {
        if let value = parameters[reference.name] { return value }
        let known = fragment.parameters.map(\.key)
        // A parameter without a value is part of a cycle, which is reported.
        if !known.contains(reference.name) {
            findings.add(
                .unknownParameter(reference.name, known: known.sorted()),
                at: findings.position(of: reference.spelling, from: node.position))
        }
        return Self.mistaken(at: node.position)
    }

    private static func mistaken(at position: Position) -> SyntaxNode {
        SyntaxNode(position: position, content: .mistaken)
    }
}

extension String {
    /// Appends a part of a template. A dollar sign at the end of the text and a brace at the start of the part do not
    /// form a reference.
    fileprivate mutating func appendTemplate(_ part: String) {
        if utf8.last == UInt8(ascii: "$"), part.utf8.first == UInt8(ascii: "{") { append("$") }
        append(part)
    }
}
