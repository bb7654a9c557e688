import ArgumentParser
import LanguageModel
import Pipeline
import Reasoning
import Store

/// `vireo ask`
struct AskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Samples completions of a question from the model that a stage trained.",
        discussion: """
            The question must belong to a generated task. Examples: vireo ask final "4 8 7 : 39" \
            (Countdown: numbers and a target), vireo ask final "7 +5 *3 *9 : 21" (modular: a start, steps \
            to choose from and a target).
            """)

    @Argument(help: "A stage with a model as output.")
    var stage: String

    @Argument(help: "The question, in the notation of the task.")
    var question: String

    @Option(name: .long, help: ArgumentHelp("The number of completions.", valueName: "n"))
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
        let (task, question) = try recognised()
        let model = try ModelDirectory(try directory(), threads: threads.count)
        let prompt = try model.tokens(
            of: .init(ids: nil, text: WordFormat.priorPrompt(question.text)), room: 1)
        guard let tokenizer = model.tokenizer else { return }
        let configuration = model.transformer.configuration
        let room = configuration.contextLength - prompt.count
        let options = sampling.options(
            maxTokens: min(room, task.traceLimit + task.answerLimit),
            stopTokens: Set(configuration.endTokens))
        let request = SamplingRequest(prompt: prompt, count: samples, stream: 0)
        let continuations = try Sampler(model.transformer, threads: threads.count)
            .sample([request], options).joined()
        let thoughts = try continuations.map {
            JudgedCompletion(
                question, of: task,
                completion: try tokenizer.decode($0.tokens, skippingUnknown: true)
            ).text
        }
        try StandardStream.print(([question.text + "\n"] + thoughts).joined(separator: "\n"))
    }

    /// The task that accepts the question, and the question.
    private func recognised() throws -> (any ReasoningTask.Type, Question) {
        let text = Countdown.words(of: question).joined(separator: " ")
        var problems: [String] = []
        for task in ReasoningTasks.all {
            do throws(ReasoningError) {
                try task.check(question: text)
                let question = Question(
                    task: task.name, text: text, answer: nil, level: nil, split: "ask",
                    source: "command line")
                return (task, question)
            } catch {
                problems.append(error.description)
            }
        }
        throw CommandError.notAQuestion(problems)
    }

    /// The directory of the unpacked latest model of the stage.
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
