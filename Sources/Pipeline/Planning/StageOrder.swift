/// Sorts stages topologically.
struct StageOrder {
    /// The stages in dependency order; independent stages are in the order of the file. Stages in a cycle, and those
    /// that depend on one, are missing.
    private(set) var names: [String] = []

    /// Each cycle, starting at its first stage in the file, in the direction of the data flow.
    private(set) var cycles: [[String]] = []

    init(_ stages: [StageOutline]) {
        let known = Set(stages.map(\.name))
        let before = Dictionary(
            stages.map { stage in
                let sources = stage.inputs.flatMap(\.sources) + stage.needs
                return (stage.name, Set(sources.map(\.stage)).intersection(known))
            }
        ) { first, _ in first }
        var left = stages.map(\.name)
        var placed = Set<String>()
        while let next = left.first(where: { before[$0]?.isSubset(of: placed) ?? true }) {
            names.append(next)
            placed.insert(next)
            left.removeAll { $0 == next }
        }
        var told = Set<String>()
        for name in left where !told.contains(name) {
            guard let cycle = Self.cycle(through: name, before) else { continue }
            cycles.append(cycle)
            told.formUnion(cycle)
        }
    }

    /// The shortest cycle through `name`, in the direction of the data flow.
    private static func cycle(through name: String, _ before: [String: Set<String>]) -> [String]? {
        var paths = [[name]]
        var seen = Set<String>()
        while !paths.isEmpty {
            var longer = [[String]]()
            for path in paths {
                for source in (before[path[path.count - 1]] ?? []).sorted() {
                    if source == name { return [name] + path.dropFirst().reversed() }
                    if seen.insert(source).inserted { longer.append(path + [source]) }
                }
            }
            paths = longer
        }
        return nil
    }
}
