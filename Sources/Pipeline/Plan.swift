/// What a run does: every stage instance, each after all it depends on.
package struct Plan: Sendable {
    /// In dependency order; among independent stages, in the order of the file.
    package let stages: [PlannedStage]

    package init(stages: [PlannedStage]) {
        var earlier = Set<String>()
        for stage in stages {
            precondition(stage.after.isSubset(of: earlier), "\(stage.id) stands before its inputs")
            precondition(earlier.insert(stage.id).inserted, "\(stage.id) is planned twice")
        }
        self.stages = stages
    }

    package subscript(id: String) -> PlannedStage? { stages.first { $0.id == id } }
}
