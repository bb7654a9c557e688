import ArgumentParser
import LanguageModel
import Pipeline
import Reasoning
import Store

/// `vireo ask`
struct AskModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Lets the model that a stage trained think about a Countdown question.",
        discussion: "Example: vireo ask final \"4 8 7 : 39\"")

    @Argument(help: "A stage that made a model.")
    var stage: String

    @Argument(help: "The numbers, a colon and the target.")
    var question: String

    @Option(name: .long, help: ArgumentHelp("How many times to ask.", valueName: "n"))
    var samples = 1

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var store: StoreOptions

    func validate() throws {
        guard (1...10_000).contains(samples) else {
            throw ValidationError("--samples must be from 1 to 10000")
        }
    }

    func run() throws {
        let puzzle = try Puzzle(text: question)
        let model = try ModelDirectory(try directory(), threads: threads.count)
        let prompt = try model.tokens(
            of: .init(ids: nil, text: WordFormat.priorPrompt(puzzle.text)), room: 1)
        guard let tokenizer = model.tokenizer else { return }
        let configuration = model.transformer.configuration
        let room = configuration.contextLength - prompt.count
        let options = sampling.options(
            maxTokens: min(room, Countdown.traceLimit + Countdown.answerLimit),
            stopTokens: Set(configuration.endTokens))
        let request = SamplingRequest(prompt: prompt, count: samples, stream: 0)
        let continuations = try Sampler(model.transformer, threads: threads.count)
            .sample([request], options).joined()
        let thoughts = try continuations.map {
            Thought(puzzle, completion: try tokenizer.decode($0.tokens, skippingUnknown: true)).text
        }
        try StandardStream.print(([puzzle.text + "\n"] + thoughts).joined(separator: "\n"))
    }

    /// The unpacked model that the stage made last.
    private func directory() throws -> String {
        let store = try store.open()
        let outputs = try store.latestOutputs(ofStage: stage)
        if outputs.isEmpty { _ = try store.details(ofStage: stage, run: nil) }
        guard let model = outputs["model"] else {
            throw CommandError.noModel(stage, outputs: outputs.keys.sorted())
        }
        return try store.unpacked(model)
    }
}
