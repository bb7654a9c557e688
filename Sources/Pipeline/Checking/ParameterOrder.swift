/// The order in which the values of parameters in a file are resolved: each after those to which it refers.
struct ParameterOrder {
    /// Every parameter that is not given, once. A parameter in a cycle comes before one to which it refers.
    private(set) var entries: [SyntaxEntry] = []
    private let byName: [String: SyntaxEntry]
    private var finished: Set<String>

    /// The parameters that refer to the current one, directly or through others.
    private var waiting: [String] = []

    /// `given` are the parameters whose values come from elsewhere. Cycles are added to `findings`.
    init(_ entries: [SyntaxEntry], given: Set<String>, into findings: inout Findings) {
        byName = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
        finished = given
        for entry in entries { add(entry, into: &findings) }
    }

    private mutating func add(_ entry: SyntaxEntry, into findings: inout Findings) {
        guard !finished.contains(entry.key) else { return }
        if let start = waiting.firstIndex(of: entry.key) {
            findings.add(.parameterCycle(Array(waiting[start...])), at: entry.position)
            return
        }
        waiting.append(entry.key)
        for reference in entry.node.references where reference.scope == "params" {
            if let other = byName[reference.name] { add(other, into: &findings) }
        }
        waiting.removeLast()
        finished.insert(entry.key)
        entries.append(entry)
    }
}
