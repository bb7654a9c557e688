/// All stage instances of a run, each after its dependencies.
package struct Plan: Sendable {
    /// The stages in dependency order; independent stages are in the order of the file.
    package let stages: [PlannedStage]

    private let places: [String: Int]

    package init(stages: [PlannedStage]) {
        var places = [String: Int]()
        for (place, stage) in stages.enumerated() {
            let isAfterItsInputs = stage.after.allSatisfy { places[$0] != nil }
            precondition(isAfterItsInputs, "\(stage.id) precedes its inputs")
            precondition(
                places.updateValue(place, forKey: stage.id) == nil, "\(stage.id) is planned twice")
        }
        self.stages = stages
        self.places = places
    }

    /// The index of the stage with an id, if there is one.
    package func place(of id: String) -> Int? { places[id] }

    /// The stage with an id, if there is one.
    package subscript(id: String) -> PlannedStage? { places[id].map { stages[$0] } }
}
