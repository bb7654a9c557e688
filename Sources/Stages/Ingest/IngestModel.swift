import LanguageModel
import Pipeline

/// `ingest.model`: a Hugging Face model, unchanged.
struct IngestModel: Stage {
    static let directory = Option<String>.directory(
        "directory", files: ModelFiles.patterns,
        "The directory: config.json, tokenizer.json, and model.safetensors or its shards with their index."
    )

    static let parameters = Option<Int?>(
        "parameters", in: 1...1_000_000_000_000_000,
        "The number of parameters, for `vireo plan --work`; it is not checked.",
        affectsResult: false)

    static let kind = StageKind(
        name: "ingest.model", version: 1,
        summary: "Imports a Hugging Face model directory unchanged.",
        outputs: [.init("model", .model, "The model.")],
        options: [
            directory,
            PublishedOrigin.origin,
            parameters,
        ],
        work: { settings in
            let parameters = Amount(settings.options[parameters])
            return StageWork(outputs: ["model": ArtifactSize(parameters: parameters)])
        })

    func run(in context: StageContext) async throws {
        let directory = context[Self.directory]
        let model = try ModelFiles(directory: directory)
        if !model.others.isEmpty {
            context.emit(.log("left out: \(model.others.joined(separator: ", "))"))
        }
        context.emit(.metric(name: "parameters", step: 0, value: Double(model.parameters)))
        context.emit(
            .metric(name: "tokens", step: 0, value: Double(model.tokenizer.vocabularySize)))
        try context.copy(model, in: directory, to: context.output("model"))
    }
}
