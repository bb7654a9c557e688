import Pipeline
import Reasoning

/// The common part of `ingest.jsonl`, `ingest.json` and `ingest.csv`: everything except the record format.
struct IngestRecords {
    /// The endings of the names of archive members.
    let endings: [String]
    let format: RecordFormat
    let kind: String

    func run(in context: StageContext) throws {
        let options = context.options
        let reader = try DataSetReader(options, format, kind: kind, endings: endings)
        let files =
            files(IngestionOptions.files, options, isTest: false)
            + files(IngestionOptions.testFiles, options, isTest: true)
        var set = DataSet(
            excluding: try JSONLines.read(Question.self, in: context.inputs["exclude"] ?? []))
        for (number, file) in files.enumerated() {
            try reader.read(file, into: &set, warn: { context.emit(.warning($0)) }) {
                if context.isCancelled() { throw CancellationError() }
            }
            context.emit(.progress(done: number + 1, total: files.count, unit: "file"))
        }
        guard !set.questions.isEmpty else {
            throw IngestError.noQuestions(
                excluded: set.exclusions.count, reason: set.exclusions.first?.reason)
        }
        if let rows = options[IngestionOptions.rows], rows != set.questions.count {
            throw IngestError.rows(
                set.questions.count, expected: rows, excluded: set.exclusions.count)
        }
        try write(set, in: context)
        tell(set, in: context)
    }

    private func files(
        _ option: Option<[String]>, _ options: Options, isTest: Bool
    ) -> [DataSetReader.File] {
        options[option].enumerated().map { index, path in
            DataSetReader.File(path, position: "\(option.name)[\(index)]", isTest: isTest)
        }
    }

    private func write(_ set: DataSet, in context: StageContext) throws {
        let all = context.output("questions")
        let demonstrations = context.output("demonstrations")
        let test = set.questions.filter { $0.split == Splits.test }
        let train = set.questions.filter { $0.split != Splits.test }
        try JSONLines.write(set.questions, in: all)
        try JSONLines.write(set.exclusions, in: all)
        try JSONLines.write(train, in: context.output("train"))
        try JSONLines.write(test, in: context.output("test"))
        try JSONLines.write(set.demonstrations, in: demonstrations)
        try JSONLines.write(set.undemonstrated, in: demonstrations)
        for (name, count) in [
            ("questions", set.questions.count), ("train", train.count), ("test", test.count),
            ("demonstrations", set.demonstrations.count), ("excluded", set.exclusions.count),
            ("undemonstrated", set.undemonstrated.count), ("sources", set.sources.count),
        ] {
            context.emit(.metric(name: name, step: 0, value: Double(count)))
        }
    }

    /// Logs the largest sources.
    private func tell(_ set: DataSet, in context: StageContext) {
        let sources = set.sources
        let named = sources.prefix(20).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        let more = sources.count - 20
        context.emit(.log("questions by source: \(named)" + (more > 0 ? " and \(more) more" : "")))
    }
}
