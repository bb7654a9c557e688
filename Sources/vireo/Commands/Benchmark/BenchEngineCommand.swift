import ArgumentParser
import Reasoning
import Report

/// `vireo bench train` and others. It is the default subcommand of `vireo bench`.
struct BenchEngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measures training, generation, scoring and loading on this machine.",
        discussion: """
            The model and its tokens are random. `gflops` counts useful operations: per token, two for \
            each weight of the matrices of the blocks and of the output head (tied or not), and per layer \
            four for each element of a query and each token attended to, on average half a sequence. \
            Training counts three times that. For generation, `gflops` is the speed of new tokens without \
            the work on prompts, which has figures of its own; `tok_per_s` divides the new tokens by the \
            time of both. `peak_gflops` is the speed of the kernels on matrices in the first-level cache, \
            measured at the same time. Planned bytes are computed from the shape of the model. `load` \
            writes a random model to a temporary directory, or takes --model, and reads it with a warm \
            file cache.
            """)

    @Argument(help: "The work to measure: train, generate, score or load.")
    var task: BenchmarkTask

    @Option(
        name: .long,
        help: "The size of the model: countdown, tiny, small, base, mid or qwen2.5-0.5b.")
    var config = BenchmarkSize.countdown

    @Option(
        name: .long,
        help: "The type of the weights: fp32 or bf16. Training uses fp32.")
    var dtype = BenchmarkSettings.NumberType.fp32

    @Option(name: .long, help: ArgumentHelp("The number of sequences in a batch.", valueName: "n"))
    var batch: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The number of tokens of a sequence that is trained on or scored.", valueName: "n"))
    var length: Int?

    @Option(name: .long, help: ArgumentHelp("The number of tokens of a prompt.", valueName: "n"))
    var prompt: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("The number of new tokens after each prompt.", valueName: "n"))
    var new: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The number of measurements, of which the median is reported.", valueName: "n")
    )
    var repetitions: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("A model directory to load instead of a random one.", valueName: "dir"),
        completion: .directory)
    var model: String?

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    @OptionGroup var threads: ThreadOptions

    func validate() throws {
        let counts = [
            ("--batch", batch), ("--length", length), ("--prompt", prompt), ("--new", new),
            ("--repetitions", repetitions),
        ]
        for (name, count) in counts {
            guard let count else { continue }
            guard count >= 1 else { throw ValidationError("\(name) must be 1 or more") }
            guard count <= 1 << 20 else { throw ValidationError("\(name) must be at most 1048576") }
        }
        if task == .train {
            if dtype == .bf16 { throw ValidationError("train does not support --dtype bf16") }
            if config == .halfBillion {
                throw ValidationError("train does not support --config qwen2.5-0.5b")
            }
        }
        if model != nil, task != .load { throw ValidationError("--model is only for load") }
    }

    func run() throws {
        let report = try report()
        try StandardStream.print(
            json ? JSONLines.text(of: report) + "\n" : report.table.text(as: .table))
    }

    private func report() throws -> BenchmarkReport {
        let repetitions = repetitions ?? config.repetitions
        if let model {
            return try EngineBenchmark.report(
                loading: model, threads: threads.count, repetitions: repetitions)
        }
        return try EngineBenchmark(
            BenchmarkSettings(
                task: task, size: config, type: dtype, batch: batch ?? config.batch(of: task),
                length: length ?? config.length, prompt: prompt ?? config.generation.prompt,
                new: new ?? config.generation.new, threads: threads.count, repetitions: repetitions)
        ).report()
    }
}
