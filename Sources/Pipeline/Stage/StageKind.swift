import JSON

/// What `uses` names: the declaration of a kind of stage, from which pipelines are checked, keys are
/// computed and the language's documentation is printed.
package struct StageKind: Sendable {
    /// The name in pipeline files, such as `train.sft`.
    package let name: String

    /// Part of every key: raise it when the same inputs and options give other bytes than before.
    package let version: Int

    /// One sentence for people.
    package let summary: String

    package let inputs: [Input]

    /// The first output is the main one: what the stage's name alone refers to.
    package let outputs: [Output]

    package let options: [Option]

    /// Groups of options, all `null` by default, of which a pipeline must give exactly one.
    package let alternatives: [[String]]

    /// `true` for `command`: inputs have any name and type, and the option `outputs` names the outputs.
    package let isOpen: Bool

    package init(
        name: String, version: Int, summary: String, inputs: [Input] = [], outputs: [Output],
        options: [Option] = [], alternatives: [[String]] = [], isOpen: Bool = false
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.inputs = inputs
        self.outputs = outputs
        self.options = options
        self.alternatives = alternatives
        self.isOpen = isOpen
    }

    /// An artifact that a stage reads.
    package struct Input: Sendable {
        package let name: String
        package let type: ArtifactType
        package let isRequired: Bool

        /// Whether several artifacts may be gathered into this input.
        package let isGathered: Bool
        package let summary: String

        package init(
            _ name: String, _ type: ArtifactType, isRequired: Bool = true, isGathered: Bool = false,
            _ summary: String
        ) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
            self.isGathered = isGathered
            self.summary = summary
        }
    }

    /// An artifact that a stage writes.
    package struct Output: Sendable {
        package let name: String
        package let type: ArtifactType
        package let summary: String

        package init(_ name: String, _ type: ArtifactType, _ summary: String) {
            self.name = name
            self.type = type
            self.summary = summary
        }
    }

    /// A setting under `with`.
    package struct Option: Sendable {
        package let name: String
        package let type: OptionType

        /// `nil` when the pipeline must give a value.
        package let fallback: JSONValue?
        package let summary: String

        /// Whether the outputs may depend on the value. Otherwise it is not part of any key.
        package let affectsResult: Bool

        package init(
            _ name: String, _ type: OptionType, default fallback: JSONValue?,
            affectsResult: Bool = true, _ summary: String
        ) {
            self.name = name
            self.type = type
            self.fallback = fallback
            self.affectsResult = affectsResult
            self.summary = summary
        }
    }
}

/// What an option accepts.
package indirect enum OptionType: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case text
    case flag
    case choice([String])
    case list(OptionType)

    /// `"2/4"`: the third of four parts.
    case shard

    /// The path of an existing file, relative to the pipeline file; its content is part of the key.
    case file

    /// The path of an existing file or directory, relative to the pipeline file; the content of the file, or
    /// of all files below the directory, is part of the key.
    case path

    /// The path of an existing directory, relative to the pipeline file. The content of its files with
    /// these names is part of the key, that of others is not; `*` in a name stands for any text.
    case directory([String])
}

extension OptionType {
    /// Whether values are paths, or lists of paths.
    package var isPath: Bool {
        switch self {
        case .file, .path, .directory: true
        case .list(let element): element.isPath
        default: false
        }
    }
}

/// What an artifact holds; each type is a directory with files of fixed names.
package enum ArtifactType: String, Hashable, Sendable, CaseIterable {
    /// A Hugging Face model directory.
    case model
    /// `tokenizer.json`
    case tokenizer
    /// `questions.jsonl`
    case questions
    /// `examples.jsonl`: what supervised training reads.
    case dataset
    /// `traces.jsonl`
    case traces
    /// `scores.jsonl`
    case scores
    /// `answers.jsonl`
    case answers
    /// `verdicts.jsonl`
    case verdicts
    /// `weights.jsonl`, `bounds.jsonl`
    case weights
    /// `rollouts.jsonl`: whole completions, judged.
    case rollouts
    /// `rollouts.jsonl`, `evaluations.jsonl`
    case evaluation
    /// `summaries.jsonl`: what traces do.
    case summaries
    /// `gradients.jsonl`: how much methods learn from questions of a kind.
    case gradients
    /// `claims.jsonl`, `arms.jsonl`: what a study found.
    case claims
    /// Any files: what `command` writes.
    case files
}
