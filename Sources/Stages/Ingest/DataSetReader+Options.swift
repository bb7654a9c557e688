import Pipeline
import Reasoning

extension DataSetReader {
    /// The reader for the options of an ingestion stage, which override the preset.
    init(
        _ options: Options, _ format: RecordFormat, kind: String, endings: [String]
    ) throws(OptionMistake) {
        let preset = options[IngestionOptions.preset]
        // For example, the source of `ingest.jsonl` is `jsonl`.
        let name = kind.split(separator: ".").last.map(String.init) ?? kind
        var mapping =
            preset?.mapping
            ?? QuestionMapping(task: "text", text: "text", answer: "answer", defaultSource: name)
        try mapping.apply(options)
        var conditions: [RecordCondition] = []
        for text in options[IngestionOptions.condition] {
            guard let condition = RecordCondition(text) else {
                throw .badCondition(text)
            }
            conditions.append(condition)
        }
        self.init(
            format: format, mapping: mapping, conditions: conditions,
            members: MemberSelection(
                pattern: options[IngestionOptions.members] ?? preset?.members ?? "",
                endings: endings),
            testMembers: options[IngestionOptions.testMembers] ?? preset?.testMembers ?? "",
            splits: Splits(
                name: options[IngestionOptions.split] ?? preset?.split ?? "train",
                testShare: options[IngestionOptions.testShare], seed: options[IngestionOptions.seed]
            ),
            passphrase: options[IngestionOptions.passphrase])
    }
}

extension QuestionMapping {
    fileprivate mutating func apply(_ options: Options) throws(OptionMistake) {
        task = options[IngestionOptions.task] ?? task
        text = options[IngestionOptions.text] ?? text
        defaultSource = options[IngestionOptions.source] ?? defaultSource
        keepsLists = options[IngestionOptions.lists] == .keep
        for (option, field) in [
            (IngestionOptions.context, \Self.context), (IngestionOptions.answer, \.answer),
            (IngestionOptions.hint, \.hint), (IngestionOptions.level, \.level),
            (IngestionOptions.id, \.id), (IngestionOptions.sourceField, \.source),
            (IngestionOptions.trace, \.trace), (IngestionOptions.solution, \.solution),
            (IngestionOptions.starterCode, \.starterCode),
        ] as [(Option<String?>, WritableKeyPath<Self, String?>)] {
            // An empty text removes a field that the preset maps.
            if let path = options[option] { self[keyPath: field] = path.isEmpty ? nil : path }
        }
        extraction = options[IngestionOptions.extract] ?? extraction
        try apply(IngestionOptions.traceBetween, options, to: \.traceSpan, of: trace, "trace")
        try apply(
            IngestionOptions.solutionBetween, options, to: \.solutionSpan, of: solution, "solution")
        applyChoices(options)
        try applyTests(options)
        let hasAnswer = answer != nil || extraction != .none || choices != nil || tests != nil
        if solution != nil, trace == nil, !hasAnswer {
            throw .noAnswer
        }
    }

    private mutating func apply(
        _ option: Option<[String]?>, _ options: Options, to span: WritableKeyPath<Self, TextSpan?>,
        of path: String?, _ field: String
    ) throws(OptionMistake) {
        guard let markers = options[option] else { return }
        guard markers.count == 2 else {
            throw .badMarkers(option: option.name, count: markers.count)
        }
        guard path != nil else {
            throw .missingOption(field, for: option.name)
        }
        self[keyPath: span] = TextSpan(begin: markers[0], end: markers[1])
    }

    private mutating func applyTests(_ options: Options) throws(OptionMistake) {
        if let fields = options[IngestionOptions.tests] {
            tests = fields.isEmpty ? nil : TestFields(fields, function: tests?.function)
            if tests != nil, options[IngestionOptions.task] == nil { task = ProgramTests.task }
        } else if options[IngestionOptions.answer]?.isEmpty == false {
            // The answer overrides the tests of the preset.
            tests = nil
        }
        if tests != nil { answer = nil }
        guard let path = options[IngestionOptions.function] else { return }
        guard tests != nil else {
            throw .missingOption("tests", for: IngestionOptions.function.name)
        }
        tests?.function = path.isEmpty ? nil : path
    }

    private mutating func applyChoices(_ options: Options) {
        if let fields = options[IngestionOptions.choices] {
            choices =
                fields.isEmpty
                ? nil
                : MultipleChoice(
                    fields: fields, answer: choices?.answer ?? .text,
                    isShuffled: choices?.isShuffled ?? true, seed: 0)
        }
        choices?.seed = options[IngestionOptions.seed]
        if let answer = options[IngestionOptions.choiceAnswer] { choices?.answer = answer }
        if let isShuffled = options[IngestionOptions.shuffle] { choices?.isShuffled = isShuffled }
    }
}
