import Pipeline
import Reasoning

extension DataSetReader {
    /// The reader that the options of an ingestion ask for: the preset's, as far as they say nothing else.
    init(
        _ options: Options, _ format: RecordFormat, kind: String, endings: [String]
    ) throws(StageError) {
        let preset = options.given("preset").flatMap { DataSetPreset(rawValue: $0) }
        // `ingest.jsonl` makes `jsonl` the source.
        let name = kind.split(separator: ".").last.map(String.init) ?? kind
        var mapping =
            preset?.mapping
            ?? QuestionMapping(task: "text", text: "text", answer: "answer", defaultSource: name)
        try mapping.apply(options)
        var conditions: [RecordCondition] = []
        for text in options.texts("where") {
            guard let condition = RecordCondition(text) else {
                throw .badCondition(text)
            }
            conditions.append(condition)
        }
        self.init(
            format: format, mapping: mapping, conditions: conditions,
            members: MemberSelection(
                pattern: options.given("members") ?? preset?.members ?? "", endings: endings),
            testMembers: options.given("test_members") ?? preset?.testMembers ?? "",
            splits: Splits(
                name: options.given("split") ?? preset?.split ?? "train",
                testShare: options.number("test_share"), seed: options.integer("seed")),
            passphrase: options.text("passphrase"))
    }
}

extension QuestionMapping {
    fileprivate mutating func apply(_ options: Options) throws(StageError) {
        task = options.given("task") ?? task
        text = options.given("text") ?? text
        defaultSource = options.given("source") ?? defaultSource
        keepsLists = options.text("lists") == "keep"
        for (name, field) in [
            ("context", \Self.context), ("answer", \.answer), ("hint", \.hint), ("level", \.level),
            ("id", \.id),
            ("source_field", \.source), ("trace", \.trace), ("solution", \.solution),
        ] as [(String, WritableKeyPath<Self, String?>)] {
            // An empty text takes back what the preset maps.
            if let path = options.given(name) { self[keyPath: field] = path.isEmpty ? nil : path }
        }
        if let name = options.given("extract") {
            extraction = AnswerExtraction(rawValue: name) ?? extraction
        }
        try apply("trace_between", options, to: \.traceSpan, of: trace, "trace")
        try apply("solution_between", options, to: \.solutionSpan, of: solution, "solution")
        applyChoices(options)
        if solution != nil, trace == nil, answer == nil, extraction == .none, choices == nil {
            throw .noAnswer
        }
    }

    private mutating func apply(
        _ name: String, _ options: Options, to span: WritableKeyPath<Self, TextSpan?>,
        of path: String?, _ field: String
    ) throws(StageError) {
        guard options.isGiven(name) else { return }
        let markers = options.texts(name)
        guard markers.count == 2 else { throw .badMarkers(option: name, count: markers.count) }
        guard path != nil else { throw .missingOption(field, because: "`\(name)` is a part of it") }
        self[keyPath: span] = TextSpan(begin: markers[0], end: markers[1])
    }

    private mutating func applyChoices(_ options: Options) {
        if options.isGiven("choices") {
            let fields = options.texts("choices")
            choices =
                fields.isEmpty
                ? nil
                : MultipleChoice(
                    fields: fields, answer: choices?.answer ?? .text,
                    isShuffled: choices?.isShuffled ?? true, seed: 0)
        }
        choices?.seed = options.integer("seed")
        if let name = options.given("choice_answer"),
            let answer = MultipleChoice.Answer(rawValue: name)
        {
            choices?.answer = answer
        }
        if options.isGiven("shuffle") { choices?.isShuffled = options.flag("shuffle") }
    }
}

extension Options {
    /// The text of an option that is `null` by default; `nil` if it is.
    fileprivate func given(_ name: String) -> String? { isGiven(name) ? text(name) : nil }
}
