import JSON

extension PipelineChecker {
    /// Reads the axes of the file and of each stage. A stage with invalid axes gets none, so that the rest of it is
    /// still checked.
    mutating func makeMatrices() {
        let common = outline.axes.compactMap { axis($0) }
        var instances = 0
        for stage in outline.stages {
            var axes = stage.isOutsideMatrix ? [] : common
            for entry in stage.axes {
                if outline.axes.contains(where: { $0.key == entry.key }) {
                    findings.add(.axisOfEveryStage(entry.key), at: entry.position)
                } else if let axis = axis(entry) {
                    axes.append(axis)
                }
            }
            if let matrix = Matrix(axes: axes) {
                instances += matrix.points.count
                guard instances <= Self.instanceLimit else {
                    let mistake = Mistake.tooManyInstancesInAll(limit: Self.instanceLimit)
                    findings.add(mistake, at: stage.axes.first?.position ?? stage.position)
                    return
                }
                matrices[stage.name] = matrix
            } else {
                let mistake =
                    axes.count > Matrix.axisLimit
                    ? Mistake.tooManyAxes(stage: stage.name, limit: Matrix.axisLimit)
                    : .tooManyInstances(stage: stage.name, limit: Matrix.limit)
                findings.add(mistake, at: stage.axes.first?.position ?? stage.position)
            }
        }
    }

    private mutating func axis(_ entry: SyntaxEntry) -> Axis? {
        let scope = Scope(parameters: parameters.nodes, declared: parameters.declared)
        guard var node = scope.substitute(entry.node, into: &findings) else { return nil }
        var isReplicate = false
        if case .table(let entries) = node.content {
            guard let (values, flag) = replicates(entries, of: entry) else { return nil }
            (node, isReplicate) = (values, flag)
        }
        guard case .list(let nodes) = node.content else {
            let mistake = Mistake.wrongShape(
                of: "the matrix axis `\(entry.key)`", wanted: "a list of values",
                found: node.summary)
            findings.add(mistake, at: node.position)
            return nil
        }
        if nodes.isEmpty { findings.add(.emptyAxis(entry.key), at: node.position) }
        var values = [JSONValue]()
        var written = [JSONValue: SyntaxNode]()
        var spellings = Set<String>()
        for node in nodes {
            let value = node.value.plain
            guard let text = value.inText, Self.isCoordinate(text) else {
                let mistake = Mistake.badAxisValue(entry.key, found: node.summary)
                findings.add(mistake, at: node.position)
                return nil
            }
            if spellings.insert(text).inserted {
                values.append(value)
                written[value] = node
            } else {
                findings.add(.repeatedAxisValue(entry.key, value: text), at: node.position)
            }
        }
        return values.isEmpty
            ? nil
            : Axis(
                name: entry.key, values: values, written: written, isReplicate: isReplicate)
    }

    /// The long form of an axis: `{ values: [0, 1, 2], replicate: true }`.
    private mutating func replicates(
        _ entries: [SyntaxEntry], of axis: SyntaxEntry
    ) -> (values: SyntaxNode, isReplicate: Bool)? {
        let place = "the matrix axis `\(axis.key)`"
        var values: SyntaxNode?
        var isReplicate = false
        for entry in entries {
            switch entry.key {
            case "values": values = entry.node
            case "replicate":
                guard case .bool(let flag) = entry.node.value else {
                    let mistake = Mistake.wrongShape(
                        of: "`replicate`", wanted: "`true` or `false`", found: entry.node.summary)
                    findings.add(mistake, at: entry.node.position)
                    return nil
                }
                isReplicate = flag
            default:
                findings.add(
                    .unknownKey(entry.key, place: place, known: ["values", "replicate"]),
                    at: entry.position)
                return nil
            }
        }
        guard let values else {
            findings.add(.missingKey("values", place: place), at: axis.position)
            return nil
        }
        return (values, isReplicate)
    }

    /// Whether a value can be part of the id of an instance and be parsed again.
    private static func isCoordinate(_ text: String) -> Bool {
        !text.isEmpty && text.first != " " && text.last != " "
            && text.unicodeScalars.allSatisfy {
                !$0.steers && $0 != "[" && $0 != "]" && $0 != "," && $0 != "="
            }
    }
}

extension JSONValue {
    /// Converts a whole number to an integer, so that the axes `[1]` and `[1.0]` match.
    var plain: JSONValue {
        guard case .number = self, let integer = Int(canonical) else { return self }
        return .integer(integer)
    }
}
