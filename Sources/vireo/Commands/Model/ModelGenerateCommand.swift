import ArgumentParser
import LanguageModel
import Reasoning

/// `vireo model generate`
struct ModelGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Samples continuations of each line of input.",
        discussion: """
            A line of input is {"ids":[1,2,3]} or, with a tokenizer.json, {"text":"..."}; its output line \
            is {"ids":[...],"text":...,"finish":"stop"} with the new tokens, up to and including an end \
            token of the model; `finish` is "length" if --max-tokens was reached. Without a tokenizer.json \
            the text is null. With --n, every continuation has a line, which starts with the number of the \
            input line and of the sample. The filters apply in the order temperature, top-k, top-p, min-p. \
            Sampling is deterministic given the seed, the position of the line, the sample and the prompt.
            """)

    @Argument(help: "The model directory.", completion: .directory)
    var directory: String

    @OptionGroup var input: RecordInput

    @Option(name: .long, help: ArgumentHelp("The maximum number of new tokens.", valueName: "n"))
    var maxTokens = 64

    @Option(
        name: .customLong("n"),
        help: ArgumentHelp(
            "The number of continuations per line; the prompt is computed once.", valueName: "n"))
    var count: Int?

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var stop: StopArguments

    @Flag(
        name: .long,
        help: """
            Add "logprobs", the log-probability of each new token at temperature 1, and \
            "sampled_logprobs", its log-probability under the distribution that it was sampled from.
            """)
    var logprobs = false

    @OptionGroup var threads: ThreadOptions

    /// The number of continuations that are sampled together.
    private static let group = 256

    func validate() throws {
        guard maxTokens >= 0 else { throw ValidationError("--max-tokens must be 0 or more") }
        if let count, !(1...100_000).contains(count) {
            throw ValidationError("--n must be from 1 to 100000")
        }
    }

    func run() throws {
        let model = try ModelDirectory(directory, threads: threads.count)
        let options = sampling.options(
            maxTokens: maxTokens, stopTokens: try stop.tokens(of: model), stopTexts: stop.texts)
        let lines = try input.read(ModelDirectory.Prompt.self)
        let prompts = try input.map(lines) { try model.tokens(of: $0, room: maxTokens) }
        let requests = prompts.enumerated().map { index, prompt in
            SamplingRequest(prompt: prompt, count: count ?? 1, stream: UInt64(index))
        }
        var text: (@Sendable ([Int32]) throws -> String)?
        if let tokenizer = model.tokenizer {
            text = { try tokenizer.decode($0, skippingUnknown: true) }
        }
        let sampler = try Sampler(model.transformer, threads: threads.count, text: text)
        let stopTexts = StopTexts(stop.texts)
        let size = max(1, Self.group / (count ?? 1))
        for start in stride(from: 0, to: requests.count, by: size) {
            let group = Array(requests[start..<min(start + size, requests.count)])
            for (index, continuations) in try sampler.sample(group, options).enumerated() {
                let answers = try continuations.enumerated().map { sample, continuation in
                    var text = try model.tokenizer?.decode(
                        continuation.tokens, skippingUnknown: true)
                    // The text of an end token may contain a stop text; the end token takes precedence.
                    if continuation.isFinished { text = text.map(stopTexts.before) }
                    return GenerationRecord(
                        place: count == nil ? nil : (lines[start + index].number, sample),
                        continuation, text: text, hasLogProbabilities: logprobs)
                }
                try StandardStream.print(answers.map { JSONLines.text(of: $0) + "\n" }.joined())
            }
        }
    }
}
