/// Something that is wrong in a store, and which stages it concerns.
package struct Issue: Hashable, Sendable, CustomStringConvertible {
    /// A stage, by its pipeline and its identifier in it.
    package struct Stage: Hashable, Sendable, Comparable {
        package let pipeline: String
        package let id: String

        package static func < (left: Stage, right: Stage) -> Bool {
            (left.pipeline, left.id) < (right.pipeline, right.id)
        }
    }

    package let damage: Corruption
    package let stages: [Stage]

    /// `archive objects/ab/ab12.tar.zst: its bytes changed (quickstart: traces); run the pipeline again`
    package var description: String {
        let names = stages.map { "\($0.pipeline): \($0.id)" }
        let concerned = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
        return "\(damage.place): \(damage.problem)\(concerned); \(damage.remedy)"
    }
}
