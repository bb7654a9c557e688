/// Checks an outline against the stage kinds, expands its matrices and collects all mistakes.
struct PipelineChecker {
    private(set) var outline: Outline
    let parameters: ParameterTable
    var findings: Findings

    /// By stage name.
    var matrices: [String: Matrix] = [:]
    var options: [String: [ResolvedOptions]] = [:]

    /// The outputs of each stage whose kind is known.
    var outputs: [String: [StageKind.Output]] = [:]

    /// The maximum number of stage instances of a pipeline.
    static let instanceLimit = 50_000

    /// The maximum number of artifacts that all instances of a pipeline read together.
    static let readingLimit = 500_000

    /// The number of artifacts read by the instances so far.
    var readings = 0

    /// The axes along which some stage has more than one execution.
    var reachedAxes: Set<InheritedAxis> = []

    /// An axis that stages inherit from the file, or from the stage `user` that uses their fragment.
    struct InheritedAxis: Hashable {
        let name: String
        let user: String?
    }

    /// For an instance that shares its execution with earlier ones of its stage: the id of the first of them.
    var representatives: [String: String] = [:]

    /// The points of the instances that other stages read, by id.
    var points: [String: Point] = [:]

    private let byName: [String: StageOutline]

    /// The options of an instance and the files that they name.
    struct ResolvedOptions {
        let options: Options
        let files: [Pipeline.FileUse]
        let resources: Resources
        let retry: Int
        let timeout: Duration?
    }

    init(
        outline: Outline, parameters: ParameterTable, kinds: [StageKind], findings: Findings
    ) {
        var (outline, findings) = (outline, findings)
        self.parameters = parameters
        let scope = parameters.scope
        for index in outline.stages.indices {
            guard let uses = outline.stages[index].uses,
                let named = scope.substitute(uses, into: &findings)
            else { continue }
            guard let name = named.text else {
                findings.add(
                    .wrongShape(of: "`uses`", wanted: "a text", found: named.summary),
                    at: uses.position)
                continue
            }
            outline.stages[index].kind = kinds.first { $0.name == name }
            if outline.stages[index].kind == nil {
                findings.add(.unknownKind(name, known: kinds.map(\.name)), at: uses.position)
            }
        }
        outline.applyDefaults(into: &findings)
        self.outline = outline
        self.findings = findings
        byName = Dictionary(outline.stages.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The stages in dependency order; `nil` after an error.
    mutating func check() -> [Pipeline.Draft]? {
        makeMatrices()
        for stage in outline.stages { resolveOptions(of: stage) }
        for stage in outline.stages { outputs[stage.name] = makeOutputs(of: stage) }
        for stage in outline.stages {
            checkInputs(of: stage)
            for need in stage.needs { checkNeed(need) }
            checkSettings(of: stage)
            checkMemory(of: stage)
        }
        for target in outline.targets {
            for stage in target.stages { checkNeed(stage) }
        }
        let order = StageOrder(outline.stages)
        for cycle in order.cycles {
            let position = byName[cycle[0]]?.position ?? .start
            findings.add(.cycle(cycle), at: position)
        }
        guard !findings.hasErrors else { return nil }
        let stages = order.names.compactMap { byName[$0] }
        let planned = stages.map { drafts(of: $0) }
        guard !findings.hasErrors else { return nil }
        for (stage, drafts) in zip(stages, planned) { checkRepetitions(of: stage, drafts) }
        checkPairs(planned.joined().map(\.stage))
        checkInheritedAxes()
        return findings.hasErrors ? nil : Array(planned.joined())
    }

    func stage(_ name: String) -> StageOutline? { byName[name] }

    private mutating func makeOutputs(of stage: StageOutline) -> [StageKind.Output]? {
        guard let kind = stage.kind else { return nil }
        guard kind.isOpen, kind.options.contains(where: { $0.name == "outputs" }) else {
            return kind.outputs
        }
        let entry = stage.options.first { $0.key == "outputs" }
        let place = entry?.node.position ?? stage.position
        let named = (options[stage.name] ?? []).map { resolved -> [String] in
            guard case .array(let names)? = resolved.options.values["outputs"] else { return [] }
            return names.compactMap(\.inText)
        }
        guard let names = named.first else { return nil }
        if Set(named).count > 1 { findings.add(.outputsVary, at: place) }
        var seen = Set<String>()
        for name in names {
            if !Name.isValid(name) { findings.add(.badName(name, what: "an output"), at: place) }
            if !seen.insert(name).inserted { findings.add(.repeatedOutput(name), at: place) }
        }
        guard !names.isEmpty else { return kind.outputs }
        return names.map { StageKind.Output($0, .files, "The files that the command writes.") }
    }
}
