/// The formats of well-known data sets, as their owners publish them.
package enum DataSetPreset: String, Hashable, Sendable, CaseIterable {
    /// github.com/openai/grade-school-math, `train.jsonl` and `test.jsonl`: question, answer (the worked
    /// solution, with its result after `####`).
    case gsm8k

    /// github.com/hendrycks/math, MATH.tar with one object per file in `train` and `test`: problem, solution,
    /// level (`Level 3`, sometimes `Level ?`), type. According to the card of
    /// huggingface.co/datasets/HuggingFaceH4/MATH-500, its `test.jsonl` has the same fields, but level is a
    /// number.
    case math

    /// The card of huggingface.co/datasets/AI-MO/aimo-validation-aime: id, problem, solution, answer, url.
    case aime

    /// huggingface.co/datasets/AI-MO/aimo-validation-amc: id, problem, answer, url.
    case amc

    /// The README of github.com/OpenBMB/OlympiadBench; one list of objects per file: question, context (may be
    /// null), solution and final_answer (lists), answer_type, subfield. From an archive, only the file with the
    /// text-only competition problems of mathematics in English is read.
    case olympiadbench

    /// github.com/idavidrein/gpqa, dataset.zip, encrypted with the passphrase in its README; comma-separated
    /// values with the columns Record ID, Question, Correct Answer, Incorrect Answer 1, 2 and 3. From an
    /// archive, only the Diamond subset is read.
    case gpqa

    /// The card of huggingface.co/datasets/TIGER-Lab/MMLU-Pro: question, options (a list), answer (a letter),
    /// category, src.
    case mmluPro = "mmlu-pro"

    /// huggingface.co/datasets/bespokelabs/Bespoke-Stratos-17k: system, conversations (from and value). The
    /// second conversation entry holds a thought and a solution between markers.
    case bespokeStratos = "bespoke-stratos"

    /// The same data in the form that the authors of Variational Reasoning used, from
    /// huggingface.co/datasets/zhouxiangxin/Bespoke-Stratos-17k-Reformatted: question_content, think_content,
    /// solution_content.
    case reformattedStratos = "bespoke-stratos-reformatted"

    /// github.com/LiveCodeBench/LiveCodeBench, the files of huggingface.co/datasets/livecodebench/code_generation_lite:
    /// question_content, question_id, starter_code, difficulty, and as JSON texts public_test_cases,
    /// private_test_cases and metadata (func_name). As published, private_test_cases is compressed and pickled, which
    /// is not read.
    case livecodebench

    /// github.com/hendrycks/apps in the form of huggingface.co/datasets/codeparrot/apps: question, starter_code,
    /// difficulty, and as a JSON text input_output (inputs, outputs, fn_name), which may be empty.
    case apps

    /// The card of huggingface.co/datasets/BAAI/TACO: the fields of APPS and others.
    case taco

    package var mapping: QuestionMapping {
        var mapping = QuestionMapping(
            task: task, text: text, answer: answer, level: self == .math ? "level" : nil,
            id: id, defaultSource: rawValue)
        switch self {
        case .gsm8k:
            (mapping.solution, mapping.extraction, mapping.hint) = ("answer", .hashes, "answer")
        case .math:
            (mapping.solution, mapping.extraction, mapping.hint) = ("solution", .boxed, "solution")
        case .aime, .amc: break
        case .olympiadbench: mapping.context = "context"
        case .gpqa:
            let wrong = (1...3).map { "Incorrect Answer \($0)" }
            mapping.choices = MultipleChoice(
                fields: ["Correct Answer"] + wrong, answer: .text, isShuffled: true, seed: 0)
        case .mmluPro:
            mapping.choices = MultipleChoice(
                fields: ["options"], answer: .letter, isShuffled: false, seed: 0)
        case .bespokeStratos:
            (mapping.trace, mapping.solution) = ("conversations.1.value", "conversations.1.value")
            mapping.traceSpan = TextSpan(begin: "<|begin_of_thought|>", end: "<|end_of_thought|>")
            mapping.solutionSpan = TextSpan(
                begin: "<|begin_of_solution|>", end: "<|end_of_solution|>")
        case .reformattedStratos:
            (mapping.trace, mapping.solution) = ("think_content", "solution_content")
        case .livecodebench:
            mapping.tests = TestFields(
                ["public_test_cases", "private_test_cases"], function: "metadata.func_name")
            mapping.starterCode = "starter_code"
        case .apps, .taco:
            mapping.tests = TestFields(["input_output"])
            mapping.starterCode = "starter_code"
        }
        return mapping
    }

    private var id: String? {
        switch self {
        case .gpqa: "Record ID"
        case .livecodebench: "question_id"
        default: nil
        }
    }

    /// The verifier.
    private var task: String {
        switch self {
        case .gsm8k: "numeric"
        case .gpqa, .mmluPro: "choice"
        case .livecodebench, .apps, .taco: ProgramTests.task
        default: "boxed"
        }
    }

    private var text: String {
        switch self {
        case .gsm8k, .olympiadbench, .mmluPro, .apps, .taco: "question"
        case .math, .aime, .amc: "problem"
        case .gpqa: "Question"
        case .bespokeStratos: "conversations.0.value"
        case .reformattedStratos, .livecodebench: "question_content"
        }
    }

    private var answer: String? {
        switch self {
        case .aime, .amc, .mmluPro: "answer"
        case .olympiadbench: "final_answer"
        case .gpqa: "Correct Answer"
        case .gsm8k, .math, .bespokeStratos, .reformattedStratos, .livecodebench, .apps, .taco: nil
        }
    }

    /// A pattern for the members of an archive to read; if empty, all with a matching ending are read.
    package var members: String {
        switch self {
        case .olympiadbench: "*OE_TO_maths_en_COMP.json"
        case .gpqa: "*gpqa_diamond.csv"
        default: ""
        }
    }

    /// A pattern for the members with test questions; empty for none.
    package var testMembers: String { self == .math ? "*test/*" : "" }

    /// The split of all questions except test members.
    package var split: String {
        switch self {
        case .aime, .amc, .olympiadbench, .gpqa, .mmluPro, .livecodebench: Splits.test
        default: "train"
        }
    }
}
