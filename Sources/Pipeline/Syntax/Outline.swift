/// A pipeline file as it is written: its keys in place, nothing looked up yet.
struct Outline {
    var name = ""
    var description: String?
    var parameters: [SyntaxEntry] = []
    var axes: [SyntaxEntry] = []

    /// What stages have under `with` and `resources` unless they say otherwise.
    var defaultOptions: [SyntaxEntry] = []
    var defaultResources: [SyntaxEntry] = []
    var stages: [StageOutline] = []
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

    /// Whether the axes of the file do not apply to it: `matrix: {}`.
    var isOutsideMatrix = false

    /// The axes whose instances are repetitions.
    var replicates: [SourceOutline] = []
    var resources: [SyntaxEntry] = []
    var retry: SyntaxEntry?
    var timeout: SyntaxEntry?
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
}
