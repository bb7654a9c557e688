import Inference
import LanguageModel
import Pipeline
import Reasoning

/// The model of a stage that only generates and scores. With the option `backend`, servers run it, and of the input
/// only the configuration and the tokenizer are read.
struct InferenceModel: FormattedModel {
    let tokenizer: Tokenizer
    let format: TraceFormat
    let contextLength: Int
    let engine: any InferenceEngine

    /// The model of the input `model`. `scores` tells whether the stage computes log-probabilities of given texts.
    /// Throws `InferenceError` if the servers cannot be used.
    init(of context: StageContext, scores: Bool = false) async throws {
        guard let backend = context[Backend.option] else {
            let model = try LoadedModel(of: context)
            tokenizer = model.tokenizer
            format = model.format
            contextLength = model.contextLength
            engine = LocalEngine(model, threads: context.threads)
            return
        }
        let directory = context.required("model")
        let configuration = try ModelConfiguration(directory: directory)
        tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        format = try LoadedModel.format(of: context)
        let engine = try await ServedEngine(
            backend, tokenizer, vocabulary: configuration.vocabularySize, scores: scores,
            in: context)
        contextLength = min(configuration.contextLength, engine.contextLength ?? .max)
        self.engine = engine
    }
}
