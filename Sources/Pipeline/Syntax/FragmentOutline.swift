/// The outline of a fragment: a file of stages that pipelines use as `uses: ./arm.yaml`.
struct FragmentOutline {
    /// The parameters. The using stage must give those without a value.
    var parameters: [SyntaxEntry] = []
    var inputs: [Input] = []

    /// The outputs; the first is the main one.
    var outputs: [Output] = []
    var stages: [StageOutline] = []

    /// An artifact of another stage, which the stages of the fragment read as `inputs.name`.
    struct Input {
        let name: String
        let type: ArtifactType
        let isRequired: Bool
    }

    /// An artifact of the fragment that other stages may read.
    struct Output {
        let name: String
        let source: SourceOutline
    }

    /// The prefix with which the stages of a fragment refer to its inputs.
    static let inputs = "inputs"

    /// Whether `uses` names a fragment and not a stage kind.
    static func isPath(_ uses: String) -> Bool {
        ["./", "../", "/"].contains { uses.hasPrefix($0) }
    }
}

extension OutlineReader {
    mutating func readFragment(_ root: SyntaxNode) -> FragmentOutline {
        var fragment = FragmentOutline()
        guard let entries = table(root, "a fragment") else { return fragment }
        let known = ["description", "inputs", "params", "outputs", "stages"]
        for entry in entries {
            switch entry.key {
            case "description": _ = text(entry)
            case "inputs":
                fragment.inputs = named(entry, "an input").compactMap { input($0) }
            case "params": fragment.parameters = named(entry, "a parameter")
            case "outputs":
                fragment.outputs = named(entry, "an output").compactMap { output($0) }
            case "stages": fragment.stages = stages(entry)
            default:
                findings.add(
                    .unknownKey(entry.key, place: "a fragment", known: known), at: entry.position)
            }
        }
        if fragment.stages.isEmpty { findings.add(.noStages, at: root.position) }
        if let stage = fragment.stages.first(where: { $0.name == FragmentOutline.inputs }) {
            findings.add(
                .badName(stage.name, what: "a stage of a fragment"), at: stage.position)
        }
        return fragment
    }

    /// Reads an input: an artifact type, with `?` if it is optional.
    private mutating func input(_ entry: SyntaxEntry) -> FragmentOutline.Input? {
        guard let text = text(entry) else { return nil }
        let isOptional = text.hasSuffix("?")
        guard let type = ArtifactType(rawValue: isOptional ? String(text.dropLast()) : text) else {
            let known = ArtifactType.allCases.map(\.rawValue)
            findings.add(.unknownArtifactType(text, known: known), at: entry.node.position)
            return nil
        }
        return FragmentOutline.Input(name: entry.key, type: type, isRequired: !isOptional)
    }

    private mutating func output(_ entry: SyntaxEntry) -> FragmentOutline.Output? {
        let (sources, _) = sources(
            entry.node, "the output `\(entry.key)`", wanted: "a stage or `stage.output`")
        guard let source = sources?.first, sources?.count == 1 else {
            if sources != nil {
                findings.add(
                    .wrongShape(
                        of: "the output `\(entry.key)`", wanted: "a stage or `stage.output`",
                        found: entry.node.summary), at: entry.node.position)
            }
            return nil
        }
        return FragmentOutline.Output(name: entry.key, source: source)
    }
}
