extension Outline {
    /// Gives the file's defaults to the stages: options to those whose kind declares them, resources to all. What a stage
    /// says itself counts, and an option that stands in place of another one, such as `epochs` for `steps`, leaves no
    /// room for the default of the other. Reports defaults of options that no stage has.
    mutating func applyDefaults(into findings: inout Findings) {
        for option in defaultOptions {
            var isDeclared = false
            for index in stages.indices {
                guard let kind = stages[index].kind else {
                    // Reported already, and nothing is known of its options.
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
