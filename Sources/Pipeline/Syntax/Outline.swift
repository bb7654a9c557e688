/// A pipeline file as it is written: its keys in place, nothing looked up yet.
struct Outline {
    var name = ""
    var description: String?
    var parameters: [SyntaxEntry] = []
    var axes: [SyntaxEntry] = []

    /// What stages have under `with` and `resources` unless they say otherwise.
    var defaultOptions: [SyntaxEntry] = []
    var defaultResources: [SyntaxEntry] = []
    var targets: [TargetOutline] = []
    var stages: [StageOutline] = []

    /// Parameters that nothing refers to.
    var unusedParameters: [SyntaxEntry] {
        let entries = parameters + axes + defaultOptions + defaultResources
        let nodes = entries.map(\.node) + stages.flatMap(\.nodes)
        let used = Set(nodes.flatMap(\.references).filter { $0.scope == "params" }.map(\.name))
        return parameters.filter { !used.contains($0.key) }
    }
}

/// A name for several stages, which a run can be asked for.
struct TargetOutline {
    let name: String
    let position: Position
    let stages: [SourceOutline]
}

/// A stage as it is written.
struct StageOutline {
    let name: String

    /// Of the stage's name.
    let position: Position

    /// A text, which may refer to parameters; `nil` if there is none, which is reported.
    var uses: SyntaxNode?

    /// What `uses` names; `nil` before it is looked up, and if it names none.
    var kind: StageKind?
    var description: String?
    var inputs: [InputOutline] = []

    /// Inputs that name nothing readable, already reported.
    var brokenInputs: Set<String> = []
    var areInputsReadable = true
    var options: [SyntaxEntry] = []
    var areOptionsReadable = true
    var needs: [SourceOutline] = []
    var axes: [SyntaxEntry] = []

    /// The axes that the use of a fragment gives to all its stages, each with the name of the using stage.
    var inheritedAxes: [String: String] = [:]

    /// Whether the axes of the file do not apply to it: `matrix: {}`.
    var isOutsideMatrix = false

    /// The axes whose instances are repetitions.
    var replicates: [SourceOutline] = []
    var resources: [SyntaxEntry] = []
    var retry: SyntaxEntry?
    var timeout: SyntaxEntry?

    /// All that may hold references.
    var nodes: [SyntaxNode] {
        let single = [retry, timeout].compactMap(\.self)
        let entries = axes + options + resources + single
        return entries.map(\.node) + [uses].compactMap(\.self)
    }
}

/// One line under `in`.
struct InputOutline {
    let name: String
    let position: Position
    let sources: [SourceOutline]
    let isList: Bool
}

/// A stage, or one output of it, that another stage names.
struct SourceOutline {
    let stage: String

    /// `nil` for the main output.
    let output: String?
    let position: Position

    var spelling: String { output.map { "\(stage).\($0)" } ?? stage }

    init(_ text: String, at position: Position) {
        let words = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        stage = String(words[0])
        output = words.count == 2 ? String(words[1]) : nil
        self.position = position
    }

    private init(stage: String, output: String?, position: Position) {
        self.stage = stage
        self.output = output
        self.position = position
    }

    /// The same output of the stage with another name.
    func renamed(_ stage: String) -> SourceOutline {
        SourceOutline(stage: stage, output: output, position: position)
    }

    func placed(at position: Position) -> SourceOutline {
        SourceOutline(stage: stage, output: output, position: position)
    }
}
