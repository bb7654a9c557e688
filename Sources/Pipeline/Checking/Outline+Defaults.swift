extension Outline {
    /// Applies the defaults of the file to the stages: options to stages whose kind declares them, resources to all. A
    /// value of the stage itself takes precedence, and if it gives an alternative option, such as `epochs` for `steps`,
    /// the default of the other one is not applied. Reports defaults for options that no stage has.
    mutating func applyDefaults(into findings: inout Findings) {
        for option in defaultOptions {
            // A fragment that could not be read may have a stage with the option.
            var isDeclared = lacksStages
            for index in stages.indices {
                guard let kind = stages[index].kind else {
                    // The unknown kind is already reported; its options are unknown.
                    isDeclared = true
                    continue
                }
                guard kind.options.contains(where: { $0.name == option.key }) else { continue }
                isDeclared = true
                let rivals = kind.alternatives.first { $0.contains(option.key) } ?? [option.key]
                if !stages[index].options.contains(where: { rivals.contains($0.key) }) {
                    stages[index].options.append(option)
                }
            }
            if !isDeclared {
                let kinds = stages.compactMap(\.kind)
                let known = Set(kinds.flatMap { $0.options.map(\.name) }).sorted()
                findings.add(.unknownDefault(option.key, known: known), at: option.position)
            }
        }
        for resource in defaultResources {
            for index in stages.indices
            where !stages[index].resources.contains(where: { $0.key == resource.key }) {
                stages[index].resources.append(resource)
            }
        }
    }
}
