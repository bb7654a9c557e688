import Foundation
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

    /// The number of bytes that are copied at once; a model need not fit into memory.
    private static let pieceSize = 4 << 20

    func run(in context: StageContext) async throws {
        let directory = context[Self.directory]
        let model = try ModelFiles(directory: directory)
        if !model.others.isEmpty {
            context.emit(.log("left out: \(model.others.joined(separator: ", "))"))
        }
        context.emit(.metric(name: "parameters", step: 0, value: Double(model.parameters)))
        context.emit(
            .metric(name: "tokens", step: 0, value: Double(model.tokenizer.vocabularySize)))
        for (number, name) in model.names.enumerated() {
            try copy(directory + "/" + name, to: context.output("model") + "/" + name, context)
            context.emit(.progress(done: number + 1, total: model.names.count, unit: "file"))
        }
    }

    private func copy(_ source: String, to target: String, _ context: StageContext) throws {
        do {
            let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
            defer { try? input.close() }
            try Data().write(to: URL(fileURLWithPath: target))
            let output = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
            defer { try? output.close() }
            while let piece = try input.read(upToCount: Self.pieceSize), !piece.isEmpty {
                if context.isCancelled() { throw CancellationError() }
                try output.write(contentsOf: piece)
            }
            try output.synchronize()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw IngestError.uncopied(
                source, to: target, reason: (error as NSError).localizedDescription)
        }
    }
}
