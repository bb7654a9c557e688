import ArgumentParser
import LanguageModel
import Reasoning

/// `vireo model logprobs`
struct ModelLogprobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logprobs",
        abstract: "Prints the log-probability of each token, in nats.",
        discussion: """
            A line of input is {"ids":[1,2,3]} or, with a tokenizer.json, {"text":"..."}; its output line \
            is {"logprobs":[...]} with a number for every token after the first.
            """)

    @Argument(help: "The model directory.", completion: .directory)
    var directory: String

    @OptionGroup var input: RecordInput
    @OptionGroup var threads: ThreadOptions

    /// The number of lines that are scored together.
    private static let group = 256

    private struct Answer: Encodable {
        let logprobs: [Float]
    }

    func run() throws {
        let model = try ModelDirectory(directory, threads: threads.count)
        let sequences = try input.map(try input.read(ModelDirectory.Prompt.self)) {
            try model.tokens(of: $0, room: 0)
        }
        let scorer = try Scorer(model.transformer, threads: threads.count)
        for start in stride(from: 0, to: sequences.count, by: Self.group) {
            let group = Array(sequences[start..<min(start + Self.group, sequences.count)])
            let scores = try scorer.logProbabilities(of: group, from: group.map { _ in 1 })
            try StandardStream.print(
                scores.map { JSONLines.text(of: Answer(logprobs: $0)) + "\n" }.joined())
        }
    }
}
