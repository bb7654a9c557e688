import LanguageModel
import Pipeline
import Reasoning

extension SamplingOptions {
    /// The sampling options for texts after `questions` that end with `mark`. `limit` is the maximum length
    /// according to a generated task; other questions require the option `max_tokens`.
    init(
        _ options: Options, of model: some FormattedModel, until mark: String,
        for questions: [Question],
        limit: (any ReasoningTask.Type) -> Int
    ) throws {
        let ends = model.ends(with: mark)
        let most =
            try options[Sampling.maxTokens] ?? Set(questions.map(\.task)).map { name in
                guard let task = ReasoningTasks.named(name) else {
                    throw SamplingError.missingLimit(task: name)
                }
                return limit(task)
            }.max() ?? 1
        self.init(
            temperature: 1, maxTokens: most, stopTokens: ends.tokens, stopTexts: ends.texts,
            seed: UInt64(options[Sampling.seed]))
        guard let temperature = options[ifDeclared: Sampling.temperature] else { return }
        self.temperature = Float(temperature)
        topK = options[Sampling.topK]
        topP = Float(options[Sampling.topP])
        minP = Float(options[Sampling.minP])
    }
}
