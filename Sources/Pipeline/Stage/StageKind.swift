import JSON

/// The declaration of a stage kind, which `uses` names. Pipelines are checked against it, and cache keys and the
/// documentation are derived from it.
package struct StageKind: Sendable {
    /// The name in pipeline files, such as `train.sft`.
    package let name: String

    /// Part of every cache key. Raise it if the same inputs and options give other bytes than before.
    package let version: Int

    /// A one-sentence description.
    package let summary: String

    package let inputs: [Input]

    /// The outputs. The first is the main one, to which the name of the stage alone refers.
    package let outputs: [Output]

    package let options: [Option]

    /// Groups of options that default to `null`, of which a pipeline must give exactly one.
    package let alternatives: [[String]]

    /// `true` for `command`: inputs may have any name and type, and the option `outputs` names the outputs.
    package let isOpen: Bool

    /// Whether the stage runs a program of the user: in the environment of the profile, which is part of the cache key,
    /// and with the variables that its option `environment` names. Open kinds do.
    package let runsProgram: Bool

    /// Throws an `OptionMistake` if options or inputs contradict each other.
    package typealias Check = @Sendable (StageSettings) throws -> Void

    /// Checks of an instance whose options have the declared types. They depend on nothing else and read no file.
    package let checks: [Check]

    /// The bytes that an instance needs with a number of threads, estimated from its options; `nil` if these do not
    /// determine it.
    package typealias MemoryEstimate = @Sendable (Options, _ threads: Int) -> Int?

    package let memory: MemoryEstimate

    /// The work of an instance, estimated before it runs.
    package typealias WorkEstimate = @Sendable (WorkSettings) -> StageWork

    package let work: WorkEstimate

    /// The option of kinds that read published files: the place where these are published.
    package static let originOption = "origin"

    package init(
        name: String, version: Int, summary: String, inputs: [Input] = [], outputs: [Output],
        options: [Option] = [], alternatives: [[String]] = [], isOpen: Bool = false,
        runsProgram: Bool = false, checks: [Check] = [],
        memory: @escaping MemoryEstimate = { _, _ in nil },
        work: @escaping WorkEstimate = { _ in .unknown }
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.inputs = inputs
        self.outputs = outputs
        self.options = options
        self.alternatives = alternatives
        self.isOpen = isOpen
        self.runsProgram = isOpen || runsProgram
        self.checks = checks
        self.memory = memory
        self.work = work
    }

    /// The first mistake that each check finds.
    package func mistakes(in settings: StageSettings) -> [OptionMistake] {
        checks.compactMap { check in
            do {
                try check(settings)
                return nil
            } catch {
                return error as? OptionMistake ?? OptionMistake(message: "\(error)")
            }
        }
    }

    /// An artifact that a stage reads.
    package struct Input: Sendable {
        package let name: String
        package let type: ArtifactType
        package let isRequired: Bool

        /// Whether this input may gather several artifacts.
        package let isGathered: Bool

        /// A gathered input that has an artifact for each one here: stages whose outputs this input gathers read those
        /// artifacts in the same order. `nil` if there is no such input.
        package let of: String?
        package let summary: String

        package init(
            _ name: String, _ type: ArtifactType, isRequired: Bool = true, isGathered: Bool = false,
            of other: String? = nil, _ summary: String
        ) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
            self.isGathered = isGathered
            self.of = other
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

    /// An option under `with`, or a field of one that is a table.
    package struct Option: Hashable, Sendable {
        package let name: String
        package let type: OptionType

        /// The default; `nil` if the pipeline must give a value.
        package let fallback: JSONValue?
        package let summary: String

        /// Whether the outputs may depend on the value. Otherwise it is not part of the cache key.
        package let affectsResult: Bool

        /// Whether the cache key contains the default. It does not if the option was added after executions without it
        /// were stored, and its default changes nothing: their keys then stay valid.
        package let keyHasDefault: Bool

        /// Whether the value is a program that the stage starts, by its path or by a name in `PATH`.
        package var isProgram = false

        package init(
            _ name: String, _ type: OptionType, default fallback: JSONValue?,
            affectsResult: Bool = true, keyHasDefault: Bool = true, _ summary: String
        ) {
            self.name = name
            self.type = type
            self.fallback = fallback
            self.affectsResult = affectsResult
            self.keyHasDefault = keyHasDefault
            self.summary = summary
        }
    }
}

/// The type of an option.
package indirect enum OptionType: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case text
    case flag
    case choice([String])
    case list(OptionType)

    /// A table with any members.
    case map

    /// A table with these fields, none of which is a path.
    case table([StageKind.Option])

    /// `"2/4"`: the third of four parts.
    case shard

    /// The path of an existing file, relative to the pipeline file; its content is part of the cache key.
    case file

    /// The path of an existing file or directory, relative to the pipeline file; the content of the file, or of all
    /// files below the directory, is part of the cache key.
    case path

    /// The path of an existing directory, relative to the pipeline file. Only the contents of its files with these
    /// names are part of the cache key; `*` in a name matches any text.
    case directory([String])
}

extension OptionType {
    /// Whether its values are paths or lists of paths.
    package var isPath: Bool {
        switch self {
        case .file, .path, .directory: true
        case .list(let element): element.isPath
        default: false
        }
    }
}

/// The type of an artifact: a directory with files of fixed names.
package enum ArtifactType: String, Hashable, Sendable, CaseIterable {
    /// A Hugging Face model directory.
    case model
    /// `tokenizer.json`
    case tokenizer
    /// `questions.jsonl`
    case questions
    /// `examples.jsonl`: examples for supervised training.
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
    /// `rollouts.jsonl`: complete responses with verdicts.
    case rollouts
    /// `rollouts.jsonl`, `evaluations.jsonl`
    case evaluation
    /// `summaries.jsonl`: statistics of traces.
    case summaries
    /// `gradients.jsonl`: the gradient that methods get from each class of questions.
    case gradients
    /// `claims.jsonl`, `arms.jsonl`: the findings of a study.
    case claims
    /// `overlap.jsonl`: how many texts contain questions that they should not contain.
    case overlap
    /// `selection.jsonl`: the candidates of a choice among models, with their figures.
    case selection
    /// Any files, as written by `command`.
    case files
}
