import JSON

extension PipelineChecker {
    /// Checks the options and resources of every instance of `stage`.
    mutating func resolveOptions(of stage: StageOutline) {
        guard let matrix = matrices[stage.name] else { return }
        if let kind = stage.kind { checkNames(of: stage, kind) }
        for point in matrix.points {
            var scope = Scope(
                parameters: parameters.nodes, declared: parameters.declared,
                axes: matrix.written(at: point))
            scope.declaredAxes = Set(
                (stage.isOutsideMatrix ? [] : outline.axes + stage.axes).map(\.key))
            let resources = self.resources(of: stage, scope)
            let retry = self.retry(of: stage, scope)
            let timeout = self.timeout(of: stage, scope)
            guard let kind = stage.kind else { continue }
            if kind.isOpen {
                scope.files = (
                    stage.inputs.map(\.name) + stage.brokenInputs.sorted(),
                    outputNames(of: stage, scope)
                )
            }
            var check = OptionCheck(findings: findings)
            var values = [String: JSONValue]()
            for option in kind.options {
                guard let entry = stage.options.first(where: { $0.key == option.name }) else {
                    values[option.name] = option.fallback
                    continue
                }
                guard let node = scope.substitute(entry.node, into: &check.findings) else {
                    continue
                }
                values[option.name] = check.value(of: node, for: option)
            }
            for group in kind.alternatives where stage.areOptionsReadable {
                Self.check(group, of: stage, kind, values, into: &check.findings)
            }
            if kind.runsProgram { Self.checkVariables(of: stage, values, into: &check.findings) }
            findings = check.findings
            let resolved = ResolvedOptions(
                options: Options(values), files: Self.files(check.files, ignoring: values),
                resources: resources, retry: retry,
                timeout: timeout)
            options[stage.name, default: []].append(resolved)
        }
    }

    /// The files, with the patterns of the option `ignore` for kinds that have it.
    private static func files(
        _ files: [Pipeline.FileUse], ignoring values: [String: JSONValue]
    ) -> [Pipeline.FileUse] {
        guard values["ignore"] != nil else { return files }
        let patterns = Options(values).names("ignore")
        return files.map { use in
            guard case .tree = use.file.contents else { return use }
            var use = use
            use.file.contents = .tree(ignoring: patterns)
            return use
        }
    }

    private mutating func checkNames(of stage: StageOutline, _ kind: StageKind) {
        let known = kind.options.map(\.name)
        for entry in stage.options where !known.contains(entry.key) {
            let mistake = Mistake.unknownOption(entry.key, kind: kind.name, known: known)
            findings.add(mistake, at: entry.position)
        }
        guard stage.areOptionsReadable else { return }
        for option in kind.options where option.fallback == nil {
            guard !stage.options.contains(where: { $0.key == option.name }) else { continue }
            let mistake = Mistake.missingOption(
                option.name, kind: kind.name, wanted: option.type.description)
            findings.add(mistake, at: stage.position)
        }
    }

    /// Reports a group of alternative options of which not exactly one is given. A value with a mistake of its own
    /// counts as given.
    private static func check(
        _ group: [String], of stage: StageOutline, _ kind: StageKind, _ values: [String: JSONValue],
        into findings: inout Findings
    ) {
        let given = stage.options.filter { group.contains($0.key) && values[$0.key] != .null }
        if given.isEmpty {
            findings.add(.noAlternative(group, kind: kind.name), at: stage.position)
        } else if given.count > 1 {
            let names = given.map(\.key)
            findings.add(.severalAlternatives(names, kind: kind.name), at: given[1].position)
        }
    }

    /// Reports variables that are both part of the cache key and secret.
    private static func checkVariables(
        of stage: StageOutline, _ values: [String: JSONValue], into findings: inout Findings
    ) {
        let options = Options(values)
        let shown = Set(options.names("environment"))
        let place = stage.options.first { $0.key == "secrets" }?.node.position ?? stage.position
        for name in options.names("secrets") where shown.contains(name) {
            findings.add(.secretInKey(name), at: place)
        }
    }

    /// The outputs that the option `outputs` names, as far as they can be resolved.
    private func outputNames(of stage: StageOutline, _ scope: Scope) -> [String] {
        var ignored = findings
        let entry = stage.options.first { $0.key == "outputs" }
        let node = entry.flatMap { scope.substitute($0.node, into: &ignored) }
        guard case .array(let names)? = node?.value, !names.isEmpty else {
            return stage.kind?.outputs.map(\.name) ?? []
        }
        return names.compactMap(\.inText)
    }
}
