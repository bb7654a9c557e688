extension PipelineChecker {
    /// Checks the names, artifact types and lists under `in`.
    mutating func checkInputs(of stage: StageOutline) {
        for input in stage.inputs {
            let declared = stage.kind?.inputs.first { $0.name == input.name }
            if let kind = stage.kind, declared == nil {
                if kind.isOpen {
                    if !Name.isValid(input.name) {
                        findings.add(.badName(input.name, what: "an input"), at: input.position)
                    }
                } else {
                    let mistake = Mistake.unknownInput(
                        input.name, kind: kind.name, known: kind.inputs.map(\.name))
                    findings.add(mistake, at: input.position)
                }
            }
            if input.sources.isEmpty { findings.add(.emptyInput(input.name), at: input.position) }
            if input.isList, let declared, !declared.isGathered, let first = input.sources.first {
                findings.add(.listForSingle(input: input.name), at: first.position)
            }
            for source in input.sources {
                guard let output = output(source), let declared, stage.kind?.isOpen == false else {
                    continue
                }
                guard !declared.type.accepts(output.type) else { continue }
                let mistake = Mistake.wrongArtifact(
                    input: input.name, wanted: declared.type.description, source: source.spelling,
                    found: output.type.description,
                    candidates: candidates(for: declared.type, of: stage))
                findings.add(mistake, at: source.position)
            }
        }
        guard let kind = stage.kind, stage.areInputsReadable else { return }
        for input in kind.inputs where input.isRequired {
            guard !stage.inputs.contains(where: { $0.name == input.name }),
                !stage.brokenInputs.contains(input.name)
            else { continue }
            let mistake = Mistake.missingInput(
                input.name, kind: kind.name, wanted: input.type.description,
                candidates: candidates(for: input.type, of: stage))
            findings.add(mistake, at: stage.position)
        }
    }

    /// The outputs of type `type` of other stages, as written under `in`; main outputs first.
    private func candidates(for type: ArtifactType, of stage: StageOutline) -> [String] {
        let others = outline.stages.filter { $0.name != stage.name }
        let found = others.flatMap { other in
            (outputs[other.name] ?? []).enumerated()
                .filter { $0.element.type == type }
                .map { $0.offset == 0 ? other.name : "\(other.name).\($0.element.name)" }
        }
        return Array(found.prefix(6))
    }

    mutating func checkNeed(_ need: SourceOutline) {
        if stage(need.spelling) == nil {
            let known = outline.stages.map(\.name)
            findings.add(.unknownStage(need.spelling, known: known), at: need.position)
        }
    }

    /// The output that `source` names; `nil` if there is none or its stage has a mistake itself.
    private mutating func output(_ source: SourceOutline) -> StageKind.Output? {
        guard stage(source.stage) != nil else {
            let known = outline.stages.map(\.name)
            findings.add(.unknownStage(source.stage, known: known), at: source.position)
            return nil
        }
        guard let outputs = outputs[source.stage] else { return nil }
        guard let name = source.output else { return outputs.first }
        guard let output = outputs.first(where: { $0.name == name }) else {
            let known = outputs.map(\.name)
            let mistake = Mistake.unknownOutput(name, stage: source.stage, known: known)
            findings.add(mistake, at: source.position)
            return nil
        }
        return output
    }

    /// The instances of `stage` with the artifacts that they read.
    mutating func drafts(of stage: StageOutline) -> [Pipeline.Draft] {
        guard let kind = stage.kind, let matrix = matrices[stage.name],
            let outputs = outputs[stage.name], let options = options[stage.name]
        else { return [] }
        let meetings = joins(of: stage, matrix)
        let places = Dictionary(
            (stage.resources + [stage.timeout].compactMap(\.self)).map {
                ($0.key, $0.node.position)
            }, uniquingKeysWith: { first, _ in first })
        var drafts = [Pipeline.Draft]()
        for (point, resolved) in zip(matrix.points, options) {
            var inputs = [String: [OutputReference]]()
            for input in stage.inputs {
                let isGathered =
                    kind.isOpen
                    || kind.inputs.contains { $0.name == input.name && $0.isGathered }
                inputs[input.name] = references(
                    of: input, isGathered: isGathered, at: point, meetings)
                readings += inputs[input.name]?.count ?? 0
            }
            guard readings <= Self.readingLimit else {
                findings.add(.tooManyReadings(limit: Self.readingLimit), at: stage.position)
                return []
            }
            var values = resolved.options.values
            values[Options.replicates] = replicates(of: stage, at: point)
            values[Options.manifests] = manifests(of: resolved.options, inputs)
            var after = Set(inputs.values.joined().map(\.stage))
            for need in stage.needs {
                let points = meetings[need.stage]?.points(for: point) ?? []
                after.formUnion(points.map { $0.id(of: need.stage) })
            }
            let planned = PlannedStage(
                id: point.id(of: stage.name), name: stage.name, kind: kind,
                options: Options(values), outputs: outputs, inputs: inputs, after: after,
                resources: resolved.resources, retry: resolved.retry, timeout: resolved.timeout,
                fileDigests: [:], position: stage.position)
            drafts.append(
                Pipeline.Draft(stage: planned, files: resolved.files, places: places))
        }
        return drafts
    }

    /// How the instances of `stage` are matched with those of each stage that it reads or needs.
    func joins(of stage: StageOutline, _ matrix: Matrix) -> [String: MatrixJoin] {
        Dictionary(
            (stage.inputs.flatMap(\.sources) + stage.needs).compactMap { source in
                matrices[source.stage].map { (source.stage, MatrixJoin(of: $0, with: matrix)) }
            }
        ) { first, _ in first }
    }

    private mutating func references(
        of input: InputOutline, isGathered: Bool, at point: Point, _ meetings: [String: MatrixJoin]
    ) -> [OutputReference] {
        var references = [OutputReference]()
        for source in input.sources {
            guard let matrix = matrices[source.stage],
                let output = source.output ?? outputs[source.stage]?.first?.name
            else { continue }
            let points = meetings[source.stage]?.points(for: point) ?? []
            if points.isEmpty, let axis = matrix.axis(missing: point), let value = point[axis] {
                let mistake = Mistake.noInstance(
                    of: source.stage, axis: axis, value: value.inText ?? "")
                findings.add(mistake, at: source.position)
            }
            if points.count > 1, !isGathered {
                let axes = matrix.axes.map(\.name).filter { point[$0] == nil }
                let mistake = Mistake.gatheredForSingle(
                    input: input.name, source: source.spelling, count: points.count, axes: axes)
                findings.add(mistake, at: source.position)
            }
            for point in points {
                let id = point.id(of: source.stage)
                references.append(OutputReference(stage: id, output: output))
                self.points[id] = point
            }
        }
        return references
    }
}

extension Matrix {
    /// The first axis that does not have the value of `point`.
    fileprivate func axis(missing point: Point) -> String? {
        axes.first { axis in point[axis.name].map { !axis.values.contains($0) } ?? false }?.name
    }
}

extension ArtifactType {
    /// Untyped files are accepted everywhere; the stage that reads them checks their contents.
    func accepts(_ other: ArtifactType) -> Bool {
        self == other || self == .files || other == .files
    }

    /// For messages: `a model`.
    var description: String {
        switch self {
        case .model: "a model"
        case .tokenizer: "a tokenizer"
        case .dataset: "a dataset"
        case .evaluation: "an evaluation"
        case .rollouts: "rollouts"
        case .summaries: "summaries of traces"
        case .gradients: "gradient masses"
        case .claims: "claims"
        case .overlap: "an overlap with questions"
        case .selection: "a selection"
        case .questions, .traces, .scores, .answers, .verdicts, .weights, .files: rawValue
        }
    }
}
