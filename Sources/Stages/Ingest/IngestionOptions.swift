import Pipeline
import Reasoning

/// The options of the stages that read data sets.
enum IngestionOptions {
    /// How lists in text fields are read.
    enum ListReading: String, CaseIterable {
        case join
        case keep
    }

    static let files = Option<[String]>(
        "files", each: .file, default: nil,
        "The files: plain, compressed (.gz, .zst, .bz2, .xz), or archives (.zip, .tar and compressed .tar)."
    )
    static let testFiles = Option<[String]>(
        "test_files", each: .file,
        "Further files, with test questions, which take precedence over equal questions of `files`."
    )
    static let members = Option<String?>(
        "members", "A pattern for the archive members to read; `*` matches any text.")
    static let testMembers = Option<String?>(
        "test_members",
        "A pattern for the archive members with test questions; `*` matches any text.")
    static let passphrase = Option(
        "passphrase", default: "",
        "The passphrase of an encrypted zip archive. It is stored with the run, so do not use a secret one.",
        affectsResult: false)
    static let preset = Option(
        "preset", DataSetPreset.self,
        "A known data set, which defines the fields; the options below override it.")
    static let task = Option<String?>(
        "task", "The name of the verifier; without a preset `text`, which is not a verifier.")
    static let text = Option<String?>(
        "text",
        "The field with the question; without a preset `text`. As in all fields, dots select members of objects and elements of lists."
    )
    static let context = Option<String?>(
        "context", "The field with a text that comes before the question, if it is not null.")
    static let answer = Option<String?>(
        "answer",
        "The field with the reference answer; without a preset `answer`. Records without one are left out. Empty for no answer, or for the one that the solution states."
    )
    static let hint = Option<String?>(
        "hint",
        "The field with the hint y' of a posterior, such as a worked solution; by default the reference answer."
    )
    static let level = Option<String?>(
        "level", "The field with the difficulty level: a whole number, or a text such as `Level 5`."
    )
    static let id = Option<String?>(
        "id",
        "The field with the name of a question. Twelve digits of a digest of its content are appended, because names need not be unique. Without this option, questions are named by the digest."
    )
    static let source = Option<String?>("source", "The source of the questions.")
    static let sourceField = Option<String?>(
        "source_field", "The field with the source of a question, unless it is null.")
    static let lists = Option(
        "lists", ListReading.self, default: .join,
        "Whether lists in text fields are joined (answers with commas) or kept as JSON.")
    static let trace = Option<String?>(
        "trace", "The field with a thinking trace, for demonstrations.")
    static let traceBetween = Option<[String]?>(
        "trace_between",
        "The two markers around the trace in its field; an empty one means the start or end of the text."
    )
    static let solution = Option<String?>(
        "solution",
        "The field with a worked solution, for demonstrations: the text after the trace, or the trace itself if no trace is mapped."
    )
    static let solutionBetween = Option<[String]?>(
        "solution_between", "The two markers around the solution in its field.")
    static let extract = Option(
        "extract", AnswerExtraction.self,
        "How the answer is extracted from its field or from the solution: `hashes` takes the text after the last ####, `boxed` the content of the last \\boxed{}."
    )
    static let choices = Option<[String]?>(
        "choices",
        "The fields with the options of a multiple-choice question, or one field with a list of them; the answer becomes a letter."
    )
    static let choiceAnswer = Option(
        "choice_answer", MultipleChoice.Answer.self,
        "What the answer field contains: the text of the correct option, its letter, or its index from 0; without a preset `text`."
    )
    static let tests = Option<[String]?>(
        "tests",
        "The fields with the tests of a question whose answer is a program, as LiveCodeBench, APPS and TACO publish them; the reference answer becomes these tests, and the verifier is code."
    ).addedLater
    static let function = Option<String?>(
        "function",
        "The field with the name of the function that the tests call, unless they name it themselves."
    ).addedLater
    static let starterCode = Option<String?>(
        "starter_code",
        "The field with code that a solution begins with; it is appended to the question unless it is empty."
    ).addedLater
    static let shuffle = Option<Bool?>(
        "shuffle",
        "Whether the options of each question are shuffled, with `seed`; without a preset `true`."
    )
    static let condition = Option<[String]>(
        "where",
        "Conditions that every record must satisfy: each is a field, `=` and a pattern in which `*` matches any text, such as url=*2024* or done=true."
    )
    static let split = Option<String?>(
        "split", "The split of the questions that are not test questions; without a preset `train`."
    )
    static let testShare = Option<Double>(
        "test_share", in: 0...1, default: 0,
        "The share of these questions that is moved to the test split, chosen by `seed` and the id of each question."
    )
    static let seed = Option<Int>.seed("Seed of `test_share` and `shuffle`.")
    static let rows = Option<Int?>(
        "rows", in: 1...1_000_000_000,
        "The expected number of questions, which is checked; `vireo plan --work` uses it as long as the files are not there.",
        affectsResult: false)
    static let traceTokens = Option<Int?>(
        "trace_tokens", in: 1...1_000_000_000,
        "The largest number of tokens of a trace of a demonstration, for `vireo plan --work`.",
        affectsResult: false)

    /// All options, with those of one format after the options about files.
    static func all(
        _ endings: [String], with others: [any OptionDeclaration]
    ) -> [any OptionDeclaration] {
        fileOptions(endings) + others + fields + answerOptions + selection
    }

    private static func fileOptions(_ endings: [String]) -> [any OptionDeclaration] {
        [
            files,
            testFiles,
            members.documented(
                "A pattern for the archive members to read; `*` matches any text. By default all that end in "
                    + endings.joined(separator: " or ") + ", or those of the preset."),
            testMembers,
            PublishedOrigin.origin,
            passphrase,
            preset,
        ]
    }

    private static let fields: [any OptionDeclaration] = [
        task,
        text,
        context,
        answer,
        hint,
        level,
        id,
        source,
        sourceField,
        lists,
        trace,
        traceBetween,
        solution,
        solutionBetween,
    ]

    private static let answerOptions: [any OptionDeclaration] = [
        extract,
        choices,
        choiceAnswer,
        shuffle,
        tests,
        function,
        starterCode,
    ]

    private static let selection: [any OptionDeclaration] = [
        condition,
        split,
        testShare,
        seed,
        rows,
        traceTokens,
    ]
}

extension StageKind {
    /// The sizes of the outputs by the options. Without test files or members, all questions have the same split.
    @Sendable private static func work(_ settings: WorkSettings) -> StageWork {
        let options = settings.options
        let rows = Amount(options[IngestionOptions.rows])
        let preset = options[IngestionOptions.preset]
        let isTest = (options[IngestionOptions.split] ?? preset?.split) == Splits.test
        let isSplit =
            !options[IngestionOptions.testFiles].isEmpty || options[IngestionOptions.testShare] > 0
            || (options[IngestionOptions.testMembers] ?? preset?.testMembers ?? "") != ""
        let train = isTest ? 0 : isSplit ? .unknown : rows
        let mapping = preset?.mapping
        let demonstrates = [
            options[IngestionOptions.trace] ?? mapping?.trace,
            options[IngestionOptions.solution] ?? mapping?.solution,
        ].contains { $0?.isEmpty == false }
        let shown = demonstrates ? train : 0
        func questions(_ rows: Amount) -> ArtifactSize { ArtifactSize(rows: rows, tokens: 0) }
        return StageWork(outputs: [
            "questions": questions(rows), "train": questions(train),
            "test": questions(isTest ? rows : isSplit ? .unknown : 0),
            "demonstrations": ArtifactSize(
                rows: shown, tokens: shown * Amount(options[IngestionOptions.traceTokens])),
        ])
    }

    /// The declaration of a stage that reads a data set in some format.
    static func ingestion(
        _ name: String, version: Int, summary: String, endings: [String],
        options: [any OptionDeclaration] = []
    ) -> StageKind {
        StageKind(
            name: name, version: version, summary: summary,
            inputs: [
                .init(
                    "exclude", .questions, isRequired: false, isGathered: true,
                    "Questions to leave out: a training question with the text of one of them, ignoring case and whitespace, is left out."
                )
            ],
            outputs: [
                .init("questions", .questions, "All questions, and the records that are left out."),
                .init("train", .questions, "The questions that are not test questions."),
                .init("test", .questions, "The test questions."),
                .init(
                    "demonstrations", .dataset,
                    "Traces and answers for training questions; none unless `trace` or `solution` is mapped."
                ),
            ],
            options: IngestionOptions.all(endings, with: options),
            checks: [
                { settings in
                    // The format of the records does not matter here.
                    _ = try DataSetReader(settings.options, .lines, kind: name, endings: endings)
                }
            ], work: work)
    }
}
