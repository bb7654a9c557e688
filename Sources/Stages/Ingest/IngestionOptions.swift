import Pipeline
import Reasoning

/// The options of the stages that read data sets.
enum IngestionOptions {
    /// How a list in place of a text is read.
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
        "More files, whose questions are for tests, even if `files` have them, too.")
    static let members = Option<String?>(
        "members", "The members of archives to read, `*` for any text.")
    static let testMembers = Option<String?>(
        "test_members", "The members of archives whose questions are for tests, `*` for any text.")
    static let passphrase = Option(
        "passphrase", default: "",
        "What an encrypted zip archive is read with. It is kept with the run: give none that is secret.",
        affectsResult: false)
    static let preset = Option(
        "preset", DataSetPreset.self,
        "The data set, which says where its files have what; the options below overrule it.")
    static let task = Option<String?>(
        "task", "The name of the verifier; `text` without a preset, which is none.")
    static let text = Option<String?>(
        "text",
        "The field with the question, `text` without a preset; dots reach into objects and lists, as in all fields."
    )
    static let context = Option<String?>(
        "context", "The field with a text that comes before the question, if it is not null.")
    static let answer = Option<String?>(
        "answer",
        "The field with the reference answer, `answer` without a preset, without which a record is left out; empty for none, or for what the solution states."
    )
    static let hint = Option<String?>(
        "hint",
        "The field with what a posterior is shown as hint y', such as a worked solution; without one the reference answer."
    )
    static let level = Option<String?>(
        "level", "The field with the difficulty level, a whole number or such as `Level 5`.")
    static let id = Option<String?>(
        "id",
        "The field with the question's name, which gets twelve digits of its content behind it, for other questions may have the same; without one, questions are named by their content."
    )
    static let source = Option<String?>("source", "Where the questions are from.")
    static let sourceField = Option<String?>(
        "source_field", "The field that says where a question is from, if it is not null.")
    static let lists = Option(
        "lists", ListReading.self, default: .join,
        "Whether a list in place of a text is joined, answers with commas, or kept as JSON.")
    static let trace = Option<String?>(
        "trace", "The field with a thinking trace, for demonstrations.")
    static let traceBetween = Option<[String]?>(
        "trace_between",
        "The two markers the trace stands between in its field; an empty one is the start or end of the text."
    )
    static let solution = Option<String?>(
        "solution",
        "The field with a worked solution, for demonstrations: what is said after the trace, or the trace itself if there is none."
    )
    static let solutionBetween = Option<[String]?>(
        "solution_between", "The two markers the solution stands between in its field.")
    static let extract = Option(
        "extract", AnswerExtraction.self,
        "How the answer is taken out of its field, or out of the solution: `hashes` after the last ####, `boxed` out of the last \\boxed{}."
    )
    static let choices = Option<[String]?>(
        "choices",
        "The fields with the options of multiple choice, or one field that holds their list; the answer becomes a letter."
    )
    static let choiceAnswer = Option(
        "choice_answer", MultipleChoice.Answer.self,
        "What the answer's field holds: the right option's text, its letter, or its index from 0; `text` without a preset."
    )
    static let shuffle = Option<Bool?>(
        "shuffle",
        "Whether the options are put into an order drawn from `seed` for each question; `true` without a preset."
    )
    static let condition = Option<[String]>(
        "where",
        "Which records are taken: each a field, `=` and a text, `*` for any text, such as url=*2024* or done=true; all must fit."
    )
    static let split = Option<String?>(
        "split", "What the questions are for, unless they are for tests: `train` without a preset.")
    static let testShare = Option<Double>(
        "test_share", in: 0...1, default: 0,
        "The share of those questions that are for tests all the same, drawn from `seed` and each question's id."
    )
    static let seed = Option<Int>.seed("Seed of `test_share` and `shuffle`.")

    /// All options, with those that only one format has behind those about files.
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
                "The members of archives to read, `*` for any text; by default all that end in "
                    + endings.joined(separator: " or ") + ", or what the preset says."),
            testMembers,
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
    ]

    private static let selection: [any OptionDeclaration] = [
        condition,
        split,
        testShare,
        seed,
    ]
}

extension StageKind {
    /// The declaration of a stage that reads a data set of some format.
    static func ingestion(
        _ name: String, version: Int, summary: String, endings: [String],
        options: [any OptionDeclaration] = []
    ) -> StageKind {
        StageKind(
            name: name, version: version, summary: summary,
            outputs: [
                .init("questions", .questions, "All questions, and the records that are left out."),
                .init("train", .questions, "The questions that are not for tests."),
                .init("test", .questions, "The questions that are for tests."),
                .init(
                    "demonstrations", .dataset,
                    "Traces and answers for training questions; none unless `trace` or `solution` is mapped."
                ),
            ],
            options: IngestionOptions.all(endings, with: options))
    }
}
