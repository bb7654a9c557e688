extension PipelineChecker {
    /// Reports inputs whose artifacts are not of those of another input in the same order.
    mutating func checkPairs(_ stages: [PlannedStage]) {
        let paired = stages.filter { $0.kind.inputs.contains { $0.of != nil } }
        guard !paired.isEmpty else { return }
        let byID = Dictionary(stages.map { ($0.id, $0) }) { first, _ in first }
        var reported: Set<String> = []
        for stage in paired {
            for input in stage.kind.inputs {
                guard let mistake = mistake(in: input, of: stage, byID),
                    reported.insert("\(stage.name).\(input.name)").inserted
                else { continue }
                let written = self.stage(stage.name)?.inputs.first { $0.name == input.name }
                findings.add(mistake, at: written?.position ?? stage.position)
            }
        }
    }

    /// A mistake if the stage that writes an artifact of `input` reads an artifact of the other input, but not the
    /// one at the same place. What the stages before it read is unknown.
    private func mistake(
        in input: StageKind.Input, of stage: PlannedStage, _ byID: [String: PlannedStage]
    ) -> Mistake? {
        guard let name = input.of, let others = stage.inputs[name] else { return nil }
        for (source, wanted) in zip(stage.inputs[input.name] ?? [], others) {
            let read = Set((byID[source.stage]?.inputs ?? [:]).values.joined())
            if !read.contains(wanted), let other = others.first(where: read.contains) {
                return .unpaired(source, of: wanted, input: name, reads: other)
            }
        }
        return nil
    }
}
