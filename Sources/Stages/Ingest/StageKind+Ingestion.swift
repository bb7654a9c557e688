import Pipeline
import Reasoning

extension StageKind {
    /// The declaration of a stage that reads a data set of some format.
    static func ingestion(
        _ name: String, version: Int, summary: String, endings: [String], options: [Option] = []
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
            options: files(endings) + options + fields + answers + selection)
    }

    private static func files(_ endings: [String]) -> [Option] {
        [
            .init(
                "files", .list(.file), default: nil,
                "The files: plain, compressed (.gz, .zst, .bz2, .xz), or archives (.zip, .tar and compressed .tar)."
            ),
            .init(
                "test_files", .list(.file), default: .list([]),
                "More files, whose questions are for tests, even if `files` have them, too."),
            .init(
                "members", .text, default: .null,
                "The members of archives to read, `*` for any text; by default all that end in "
                    + endings.joined(separator: " or ") + ", or what the preset says."),
            .init(
                "test_members", .text, default: .null,
                "The members of archives whose questions are for tests, `*` for any text."),
            .init(
                "passphrase", .text, default: .text(""), affectsResult: false,
                "What an encrypted zip archive is read with. It is kept with the run: give none that is secret."
            ),
            .init(
                "preset", .choice(DataSetPreset.allCases.map(\.rawValue)), default: .null,
                "The data set, which says where its files have what; the options below overrule it."
            ),
        ]
    }

    private static let fields: [Option] = [
        .init(
            "task", .text, default: .null,
            "The name of the verifier; `text` without a preset, which is none."),
        .init(
            "text", .text, default: .null,
            "The field with the question, `text` without a preset; dots reach into objects and lists, as in all fields."
        ),
        .init(
            "context", .text, default: .null,
            "The field with a text that comes before the question, if it is not null."),
        .init(
            "answer", .text, default: .null,
            "The field with the reference answer, `answer` without a preset, without which a record is left out; empty for none, or for what the solution states."
        ),
        .init(
            "hint", .text, default: .null,
            "The field with what a posterior is shown as hint y', such as a worked solution; without one the reference answer."
        ),
        .init(
            "level", .text, default: .null,
            "The field with the difficulty level, a whole number or such as `Level 5`."),
        .init(
            "id", .text, default: .null,
            "The field with the question's name, which gets twelve digits of its content behind it, for other questions may have the same; without one, questions are named by their content."
        ),
        .init("source", .text, default: .null, "Where the questions are from."),
        .init(
            "source_field", .text, default: .null,
            "The field that says where a question is from, if it is not null."),
        .init(
            "lists", .choice(["join", "keep"]), default: .text("join"),
            "Whether a list in place of a text is joined, answers with commas, or kept as JSON."),
        .init(
            "trace", .text, default: .null,
            "The field with a thinking trace, for demonstrations."),
        .init(
            "trace_between", .list(.text), default: .null,
            "The two markers the trace stands between in its field; an empty one is the start or end of the text."
        ),
        .init(
            "solution", .text, default: .null,
            "The field with a worked solution, for demonstrations: what is said after the trace, or the trace itself if there is none."
        ),
        .init(
            "solution_between", .list(.text), default: .null,
            "The two markers the solution stands between in its field."),
    ]

    private static let answers: [Option] = [
        .init(
            "extract", .choice(AnswerExtraction.allCases.map(\.rawValue)), default: .null,
            "How the answer is taken out of its field, or out of the solution: `hashes` after the last ####, `boxed` out of the last \\boxed{}."
        ),
        .init(
            "choices", .list(.text), default: .null,
            "The fields with the options of multiple choice, or one field that holds their list; the answer becomes a letter."
        ),
        .init(
            "choice_answer", .choice(MultipleChoice.Answer.allCases.map(\.rawValue)),
            default: .null,
            "What the answer's field holds: the right option's text, its letter, or its index from 0; `text` without a preset."
        ),
        .init(
            "shuffle", .flag, default: .null,
            "Whether the options are put into an order drawn from `seed` for each question; `true` without a preset."
        ),
    ]

    private static let selection: [Option] = [
        .init(
            "where", .list(.text), default: .list([]),
            "Which records are taken: each a field, `=` and a text, `*` for any text, such as url=*2024* or done=true; all must fit."
        ),
        .init(
            "split", .text, default: .null,
            "What the questions are for, unless they are for tests: `train` without a preset."),
        .init(
            "test_share", .number(0...1), default: .number(0),
            "The share of those questions that are for tests all the same, drawn from `seed` and each question's id."
        ),
        .init(
            "seed", .integer(0...Int.max), default: .integer(0),
            "Seed of `test_share` and `shuffle`."),
    ]
}
