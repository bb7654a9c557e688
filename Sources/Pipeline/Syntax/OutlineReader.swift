/// Reads the outline of a pipeline file and collects mistakes of structure and naming.
struct OutlineReader {
    var findings: Findings

    /// The maximum number of stages and of parameters of a file, and of axes of a matrix.
    static let nameLimit = 1_000

    init(findings: Findings) { self.findings = findings }

    mutating func read(_ root: SyntaxNode) -> Outline {
        var outline = Outline()
        let known = [
            "name", "description", "params", "matrix", "defaults", "targets", "stages",
        ]
        guard let entries = table(root, "a pipeline file") else { return outline }
        let place = entries.first?.position ?? .start
        var hasStages = false
        for entry in entries {
            switch entry.key {
            case "name":
                outline.name = text(entry) ?? "unreadable"
                if outline.name.isEmpty {
                    findings.add(.missingKey("name", place: "the pipeline"), at: entry.position)
                }
            case "description": outline.description = text(entry)
            case "params": outline.parameters = named(entry, "a parameter")
            case "matrix": outline.axes = named(entry, "a matrix axis")
            case "defaults": readDefaults(entry, into: &outline)
            case "targets": outline.targets = named(entry, "a target").map { target($0) }
            case "stages":
                hasStages = true
                outline.stages = stages(entry)
                if entry.node.isEmpty { findings.add(.noStages, at: entry.position) }
            case "inputs", "outputs": findings.add(.keyOfFragment(entry.key), at: entry.position)
            default:
                let mistake = Mistake.unknownKey(entry.key, place: "a pipeline file", known: known)
                findings.add(mistake, at: entry.position)
            }
        }
        if !entries.contains(where: { $0.key == "name" }) {
            findings.add(.missingKey("name", place: "the pipeline"), at: place)
        }
        if !hasStages { findings.add(.noStages, at: place) }
        let stages = Set(outline.stages.map(\.name))
        for target in outline.targets where stages.contains(target.name) {
            findings.add(.targetIsStage(target.name), at: target.position)
        }
        return outline
    }

    mutating func stages(_ entry: SyntaxEntry) -> [StageOutline] {
        named(entry, "a stage").map { stage($0) }
    }

    private mutating func target(_ entry: SyntaxEntry) -> TargetOutline {
        let (stages, _) = sources(
            entry.node, "the target `\(entry.key)`", wanted: "a stage or a list of stages")
        if stages?.isEmpty == true { findings.add(.emptyTarget(entry.key), at: entry.position) }
        return TargetOutline(name: entry.key, position: entry.position, stages: stages ?? [])
    }

    private mutating func readDefaults(_ entry: SyntaxEntry, into outline: inout Outline) {
        for entry in table(entry.node, "`defaults`") ?? [] {
            switch entry.key {
            case "with": outline.defaultOptions = table(entry.node, "`with`") ?? []
            case "resources": outline.defaultResources = table(entry.node, "`resources`") ?? []
            default:
                findings.add(
                    .unknownKey(entry.key, place: "`defaults`", known: ["with", "resources"]),
                    at: entry.position)
            }
        }
    }

    private mutating func stage(_ entry: SyntaxEntry) -> StageOutline {
        var stage = StageOutline(name: entry.key, position: entry.position)
        let known = [
            "uses", "in", "with", "needs", "matrix", "replicates", "resources", "retry", "timeout",
            "description",
        ]
        guard let entries = table(entry.node, "the stage `\(entry.key)`") else { return stage }
        for entry in entries {
            switch entry.key {
            case "uses": stage.uses = text(entry) == nil ? nil : entry.node
            case "in":
                let inputs = table(entry.node, "`in`")
                (stage.inputs, stage.brokenInputs) = self.inputs(inputs ?? [])
                stage.areInputsReadable = inputs != nil
            case "with":
                let options = table(entry.node, "`with`")
                stage.options = options ?? []
                stage.areOptionsReadable = options != nil
            case "needs": stage.needs = needs(entry)
            case "matrix":
                stage.axes = named(entry, "a matrix axis")
                if case .table(let axes) = entry.node.content {
                    stage.isOutsideMatrix = axes.isEmpty
                }
            case "replicates":
                stage.replicates =
                    sources(entry.node, "`replicates`", wanted: "an axis or a list of axes").0 ?? []
            case "resources": stage.resources = table(entry.node, "`resources`") ?? []
            case "retry": stage.retry = entry
            case "timeout": stage.timeout = entry
            case "description": stage.description = text(entry)
            default:
                findings.add(
                    .unknownKey(entry.key, place: "a stage", known: known), at: entry.position)
            }
        }
        if !entries.contains(where: { $0.key == "uses" }) {
            findings.add(
                .missingKey("uses", place: "the stage `\(stage.name)`"), at: stage.position)
        }
        return stage
    }

    private mutating func inputs(
        _ entries: [SyntaxEntry]
    ) -> ([InputOutline], broken: Set<String>) {
        var inputs = [InputOutline]()
        var broken = Set<String>()
        for input in entries {
            let (sources, isList) = self.sources(
                input.node, "the input `\(input.key)`",
                wanted: "a stage, `stage.output` or a list of them")
            guard let sources else {
                broken.insert(input.key)
                continue
            }
            inputs.append(
                InputOutline(
                    name: input.key, position: input.position, sources: sources, isList: isList))
        }
        return (inputs, broken)
    }

    private mutating func needs(_ entry: SyntaxEntry) -> [SourceOutline] {
        sources(entry.node, "`needs`", wanted: "a stage or a list of stages").0 ?? []
    }

    mutating func sources(
        _ node: SyntaxNode, _ what: String, wanted: String
    ) -> ([SourceOutline]?, isList: Bool) {
        var nodes = [node]
        var isList = false
        if case .list(let elements) = node.content {
            nodes = elements
            isList = true
        }
        var sources = [SourceOutline]()
        for node in nodes {
            guard let text = node.text else {
                let mistake = Mistake.wrongShape(of: what, wanted: wanted, found: node.summary)
                findings.add(mistake, at: node.position)
                return (nil, isList)
            }
            sources.append(SourceOutline(text, at: node.position))
        }
        return (sources, isList)
    }

    mutating func text(_ entry: SyntaxEntry) -> String? {
        guard let text = entry.node.text else {
            let found = entry.node.summary
            findings.add(
                .wrongShape(of: "`\(entry.key)`", wanted: "a text", found: found),
                at: entry.node.position)
            return nil
        }
        return text
    }

    /// The entries of a table whose keys are user-defined names.
    mutating func named(_ entry: SyntaxEntry, _ what: String) -> [SyntaxEntry] {
        var entries = [SyntaxEntry]()
        let all = table(entry.node, "`\(entry.key)`") ?? []
        if all.count > Self.nameLimit {
            findings.add(
                .tooManyNames(key: entry.key, limit: Self.nameLimit),
                at: all[Self.nameLimit].position)
        }
        for entry in all.prefix(Self.nameLimit) {
            if Name.isValid(entry.key) {
                entries.append(entry)
            } else {
                findings.add(.badName(entry.key, what: what), at: entry.position)
            }
        }
        return entries
    }

    /// The entries of a table; null is an empty table.
    mutating func table(_ node: SyntaxNode, _ what: String) -> [SyntaxEntry]? {
        if node.isNull { return [] }
        guard case .table(let entries) = node.content else {
            findings.add(
                .wrongShape(of: what, wanted: "a table of `key: value`", found: node.summary),
                at: node.position)
            return nil
        }
        return entries
    }
}

/// The rules for names of stages, parameters, axes and outputs.
enum Name {
    /// Letters, digits, `_` and `-`, starting with a letter; at most 64.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, name.utf8.count <= 64 else { return false }
        return isLetter(first)
            && name.unicodeScalars.allSatisfy {
                isLetter($0) || ("0"..."9").contains($0) || $0 == "_" || $0 == "-"
            }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}
