import ArgumentParser
import LanguageModel
import Reasoning

/// `vireo model generate`
struct ModelGeneration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continues each line of input.",
        discussion: """
            A line of input is {"ids":[1,2,3]} or, with a tokenizer.json, {"text":"..."}; its answer is \
            {"ids":[...],"text":...} with the new tokens, up to and with an end token of the model. \
            Without a tokenizer.json the text is null.
            """)

    @Argument(help: "The model directory.", completion: .directory)
    var directory: String

    @OptionGroup var input: RecordInput

    @Option(name: .long, help: ArgumentHelp("Most new tokens.", valueName: "n"))
    var maxTokens = 64

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var threads: ThreadOptions

    /// Lines that are continued together.
    private static let group = 256

    private struct Answer: Encodable {
        let ids: [Int32]
        let text: String?
    }

    func validate() throws {
        guard maxTokens >= 0 else { throw ValidationError("--max-tokens must be 0 or more") }
    }

    func run() throws {
        let model = try ModelDirectory(directory)
        let prompts = try input.map(try input.read(ModelDirectory.Prompt.self)) {
            try model.tokens(of: $0, room: maxTokens)
        }
        let requests = prompts.enumerated().map { line, prompt in
            SamplingRequest(prompt: prompt, count: 1, stream: UInt64(line))
        }
        let options = sampling.options(
            maxTokens: maxTokens, stopTokens: model.transformer.configuration.endTokens)
        let sampler = Sampler(model.transformer, threads: threads.count)
        for start in stride(from: 0, to: requests.count, by: Self.group) {
            let group = Array(requests[start..<min(start + Self.group, requests.count)])
            let lines = try sampler.sample(group, options).joined().map { continuation in
                let text = try model.tokenizer?.decode(continuation.tokens)
                return JSONLines.text(of: Answer(ids: continuation.tokens, text: text)) + "\n"
            }
            try StandardStream.print(lines.joined())
        }
    }
}
