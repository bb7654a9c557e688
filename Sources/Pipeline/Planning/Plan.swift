/// What a run does: every stage instance, each after all it depends on.
package struct Plan: Sendable {
    /// In dependency order; among independent stages, in the order of the file.
    package let stages: [PlannedStage]

    private let places: [String: Int]

    package init(stages: [PlannedStage]) {
        var places = [String: Int]()
        for (place, stage) in stages.enumerated() {
            let isAfterItsInputs = stage.after.allSatisfy { places[$0] != nil }
            precondition(isAfterItsInputs, "\(stage.id) stands before its inputs")
            precondition(
                places.updateValue(place, forKey: stage.id) == nil, "\(stage.id) is planned twice")
        }
        self.stages = stages
        self.places = places
    }

    /// Where the stage with an id stands, if there is one.
    package func place(of id: String) -> Int? { places[id] }

    /// The stage with an id, if there is one.
    package subscript(id: String) -> PlannedStage? { places[id].map { stages[$0] } }
}
