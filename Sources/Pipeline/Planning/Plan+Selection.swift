extension Plan {
    /// The instances of the stage `name`, or of all stages of the fragment that it uses, or the instance whose id is
    /// `name`; empty if there is none.
    package func instances(of name: String) -> [PlannedStage] {
        stages.filter { $0.name == name || $0.id == name || $0.name.hasPrefix("\(name)/") }
    }

    /// `ids` and the ids of all their dependencies.
    package func upstream(of ids: Set<String>) -> Set<String> {
        var found = ids
        for stage in stages.reversed() where found.contains(stage.id) {
            found.formUnion(stage.after)
        }
        return found
    }

    /// `ids` and the ids of all stages that depend on them.
    package func downstream(of ids: Set<String>) -> Set<String> {
        var found = ids
        for stage in stages where !found.isDisjoint(with: stage.after) {
            found.insert(stage.id)
        }
        return found
    }

    /// The plan for `ids` and their dependencies.
    package func restricted(to ids: Set<String>) -> Plan {
        let needed = upstream(of: ids)
        return Plan(stages: stages.filter { needed.contains($0.id) })
    }
}
