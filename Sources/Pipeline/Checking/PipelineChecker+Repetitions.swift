import JSON

extension PipelineChecker {
    /// The parts of the cache key of an instance that are known before any file is read. Inputs are represented by the
    /// first of the instances that share the execution, because these have the same outputs.
    private struct Identity: Hashable {
        let options: [String: JSONValue]
        let inputs: [String: [OutputReference]]
        let files: [String]

        init(_ draft: Pipeline.Draft, representatives: [String: String]) {
            options = draft.stage.keyOptions
            inputs = draft.stage.inputs.mapValues { references in
                references.map {
                    OutputReference(
                        stage: representatives[$0.stage] ?? $0.stage, output: $0.output)
                }
            }
            files = draft.files.map { "\($0.file.label)\0\($0.file.path)" }
        }
    }

    /// Reports axes along which the instances of `stage` have the same cache key. For axes of the stage itself this is
    /// an error. Axes of the whole file need not be used by every stage, so it is only a warning for programs, which
    /// the user may have meant to repeat. The stages that `stage` reads must have been checked before.
    mutating func checkRepetitions(of stage: StageOutline, _ drafts: [Pipeline.Draft]) {
        guard let matrix = matrices[stage.name], drafts.count > 1 else { return }
        let groups = Dictionary(grouping: drafts.indices) {
            Identity(drafts[$0], representatives: representatives)
        }.values
        var shared = Set<String>()
        var largest = 1
        for group in groups where group.count > 1 {
            largest = max(largest, group.count)
            for index in group.dropFirst() {
                representatives[drafts[index].stage.id] = drafts[group[0]].stage.id
            }
            let first = matrix.points[group[0]]
            for axis in matrix.axes.map(\.name)
            where group.contains(where: { matrix.points[$0][axis] != first[axis] }) {
                shared.insert(axis)
            }
        }
        for axis in matrix.axes where axis.values.count > 1 && !shared.contains(axis.name) {
            reachedAxes.insert(InheritedAxis(name: axis.name, user: nil))
            if let user = stage.inheritedAxes[axis.name] {
                reachedAxes.insert(InheritedAxis(name: axis.name, user: user))
            }
        }
        let own = stage.axes.filter {
            shared.contains($0.key) && stage.inheritedAxes[$0.key] == nil
        }
        if let first = own.first {
            let mistake = Mistake.unreachedAxes(
                own.map(\.key), stage: stage.name, count: largest)
            findings.add(mistake, at: first.position)
        } else if !shared.isEmpty, stage.kind?.isOpen == true {
            let axes = matrix.axes.map(\.name).filter(shared.contains)
            let mistake = Mistake.sharedInstances(axes, stage: stage.name, count: largest)
            findings.add(mistake, at: stage.position)
        }
    }

    /// Reports axes of the whole file that no stage uses, and axes of the use of a fragment that none of its stages
    /// uses.
    mutating func checkInheritedAxes() {
        for stage in outline.stages {
            for entry in stage.axes {
                guard let user = stage.inheritedAxes[entry.key],
                    !reachedAxes.contains(InheritedAxis(name: entry.key, user: user)),
                    let axis = matrices[stage.name]?.axes.first(where: { $0.name == entry.key }),
                    axis.values.count > 1
                else { continue }
                findings.add(
                    .unreachedAxes([entry.key], stage: user, count: axis.values.count),
                    at: entry.position)
            }
        }
        for entry in outline.axes
        where !reachedAxes.contains(InheritedAxis(name: entry.key, user: nil)) {
            let isAxis = matrices.values.contains { matrix in
                matrix.axes.contains { $0.name == entry.key && $0.values.count > 1 }
            }
            if isAxis { findings.add(.unreachedAxisOfFile(entry.key), at: entry.position) }
        }
    }

    /// The coordinates of `point` on replicate axes. They are part of the cache key, so that each replicate has an
    /// execution of its own. `nil` if there are no such axes.
    mutating func replicates(of stage: StageOutline, at point: Point) -> JSONValue? {
        let axes = matrices[stage.name]?.axes ?? []
        let known = axes.map(\.name)
        var coordinates = [String: JSONValue]()
        for axis in axes where axis.isReplicate { coordinates[axis.name] = point[axis.name] }
        for name in stage.replicates {
            guard let value = point[name.spelling] else {
                findings.add(
                    .unknownReplicates(name.spelling, known: known), at: name.position)
                continue
            }
            coordinates[name.spelling] = value
        }
        return coordinates.isEmpty ? nil : .object(coordinates)
    }

    /// The contents of the manifests of a stage, by input: the instances whose directories they list. They are part of
    /// the cache key, because the program reads them. `nil` if the stage uses no manifest.
    func manifests(
        of options: Options, _ inputs: [String: [OutputReference]]
    ) -> JSONValue? {
        var manifests = [String: JSONValue]()
        for case .array(let texts) in options.values.values {
            for case .string(let text) in texts where text.utf8.contains(UInt8(ascii: "$")) {
                for case .manifest(let name) in ArgumentTemplate(text).parts {
                    manifests[name] = .array(
                        (inputs[name] ?? []).map { Self.entry($0, points[$0.stage]) })
                }
            }
        }
        return manifests.isEmpty ? nil : .object(manifests)
    }

    private static func entry(_ reference: OutputReference, _ point: Point?) -> JSONValue {
        let axes = (point?.coordinates ?? []).map { ($0.axis, $0.value) }
        return .object([
            "stage": .string(reference.stage), "output": .string(reference.output),
            "axes": .object(Dictionary(axes) { first, _ in first }),
        ])
    }
}
