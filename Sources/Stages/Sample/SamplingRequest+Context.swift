import LanguageModel
import Pipeline
import Reasoning

extension SamplingRequest {
    /// A request for continuations of a prompt of `question`. With the option `stop_at_context` they end where the
    /// context of the model does. Throws, naming the question, if the prompt leaves no room for the maximum number of
    /// new tokens, or for any.
    init(
        _ prompt: [Int32], of question: Question, to model: some FormattedModel,
        _ sampling: SamplingOptions, _ options: Options, count: Int, stream: UInt64,
        firstSample: Int = 0
    ) throws {
        var sampling = sampling
        if options[Sampling.stopsAtContext] {
            let room = max(1, model.contextLength - prompt.count)
            sampling.maxTokens = min(sampling.maxTokens, room)
        }
        self.init(
            prompt: try model.fitting(prompt, of: question, sampling), count: count,
            stream: stream, firstSample: firstSample, maxTokens: sampling.maxTokens)
    }
}
