extension PipelineChecker {
    /// Reports options and inputs of each instance of `stage` that contradict each other. Instances with a mistake in
    /// an option, and stages with one in an input, are left out.
    mutating func checkSettings(of stage: StageOutline) {
        guard let kind = stage.kind, !kind.checks.isEmpty, let matrix = matrices[stage.name],
            let options = options[stage.name], stage.areOptionsReadable, stage.areInputsReadable,
            stage.brokenInputs.isEmpty
        else { return }
        let joins = joins(of: stage, matrix)
        // An unknown stage is reported elsewhere.
        guard stage.inputs.flatMap(\.sources).allSatisfy({ joins[$0.stage] != nil }) else { return }
        for (point, resolved) in zip(matrix.points, options)
        where resolved.options.values.count == kind.options.count {
            var inputs = [String: Int]()
            for input in stage.inputs {
                inputs[input.name] = input.sources.reduce(0) {
                    $0 + (joins[$1.stage]?.points(for: point).count ?? 0)
                }
            }
            let settings = StageSettings(
                options: resolved.options, inputs: inputs, resources: resolved.resources)
            for mistake in kind.mistakes(in: settings) {
                let positions = mistake.places.lazy.compactMap { stage.position(of: $0) }
                findings.add(.settings(mistake), at: positions.first ?? stage.position)
            }
        }
    }

    /// Warns about memory limits of `stage` below the estimate of its kind.
    mutating func checkMemory(of stage: StageOutline) {
        guard let kind = stage.kind, let options = options[stage.name],
            let entry = stage.resources.first(where: { $0.key == "memory" })
        else { return }
        for resolved in options where resolved.options.values.count == kind.options.count {
            guard let limit = resolved.resources.memory,
                let need = kind.memory(resolved.options, resolved.resources.cpus), need > limit
            else { continue }
            findings.add(.smallMemory(need: need, limit: limit), at: entry.node.position)
        }
    }
}

extension StageOutline {
    /// Where the file gives an option, an input or a resource.
    fileprivate func position(of place: OptionMistake.Place) -> Position? {
        switch place {
        case .option(let name): options.first { $0.key == name }?.node.position
        case .input(let name): inputs.first { $0.name == name }?.position
        case .resource(let name): resources.first { $0.key == name }?.node.position
        }
    }
}
