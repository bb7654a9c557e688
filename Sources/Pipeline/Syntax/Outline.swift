/// The outline of a pipeline file: its structure is checked, but no names are resolved yet.
struct Outline {
    var name = ""
    var description: String?
    var parameters: [SyntaxEntry] = []
    var axes: [SyntaxEntry] = []

    /// The defaults of stages for `with` and `resources`.
    var defaultOptions: [SyntaxEntry] = []
    var defaultResources: [SyntaxEntry] = []
    var targets: [TargetOutline] = []
    var stages: [StageOutline] = []

    /// Whether `stages` lacks those of a fragment that could not be read, which is reported.
    var lacksStages = false

    /// The parameters without a reference.
    var unusedParameters: [SyntaxEntry] {
        let entries = parameters + axes + defaultOptions + defaultResources
        let nodes = entries.map(\.node) + stages.flatMap(\.nodes)
        let used = Set(nodes.flatMap(\.references).filter { $0.scope == "params" }.map(\.name))
        return parameters.filter { !used.contains($0.key) }
    }
}

/// A name for several stages that can be selected for a run.
struct TargetOutline {
    let name: String
    let position: Position
    let stages: [SourceOutline]
}

/// The outline of a stage.
struct StageOutline {
    let name: String

    /// The position of the name of the stage.
    let position: Position

    /// The text of `uses`, which may refer to parameters; `nil` if it is missing, which is reported.
    var uses: SyntaxNode?

    /// If a parameter decides which fragment the stage uses, its path with `*` in place of the parameter. Such
    /// fragments are interchangeable, so that one may have parameters that only the others need.
    var fragmentPattern: String?

    /// The kind that `uses` names; `nil` before it is resolved, and if there is none.
    var kind: StageKind?
    var description: String?
    var inputs: [InputOutline] = []

    /// Inputs whose value is invalid, which is already reported.
    var brokenInputs: Set<String> = []
    var areInputsReadable = true
    var options: [SyntaxEntry] = []
    var areOptionsReadable = true
    var needs: [SourceOutline] = []
    var axes: [SyntaxEntry] = []

    /// The axes that a stage inherits from the use of its fragment, each with the name of the using stage.
    var inheritedAxes: [String: String] = [:]

    /// Whether the axes of the file do not apply to the stage: `matrix: {}`.
    var isOutsideMatrix = false

    /// The axes whose instances are repetitions.
    var replicates: [SourceOutline] = []
    var resources: [SyntaxEntry] = []
    var retry: SyntaxEntry?
    var timeout: SyntaxEntry?

    /// All nodes that may contain references.
    var nodes: [SyntaxNode] {
        let single = [retry, timeout].compactMap(\.self)
        let entries = axes + options + resources + single
        return entries.map(\.node) + [uses].compactMap(\.self)
    }
}

/// An input under `in`.
struct InputOutline {
    let name: String
    let position: Position
    let sources: [SourceOutline]
    let isList: Bool
}

/// A reference to a stage or to one of its outputs.
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

    /// The same output of another stage.
    func renamed(_ stage: String) -> SourceOutline {
        SourceOutline(stage: stage, output: output, position: position)
    }

    func placed(at position: Position) -> SourceOutline {
        SourceOutline(stage: stage, output: output, position: position)
    }
}
