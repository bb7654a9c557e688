import ArgumentParser
import Reasoning
import Report

/// `vireo bench train` and others; `vireo bench` without the name of a benchmark means this one.
struct BenchEngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measures training, generation, scoring and loading on this machine.",
        discussion: """
            The model and its tokens are random. `gflops` counts useful operations: two a token for each \
            weight of the blocks' matrices and of the output head, tied or not, and four a layer, number of \
            a query and token attended to, on average half a sequence; three times that for training. For \
            generation it is the speed of new tokens, without the work on prompts, which has figures of its \
            own; `tok_per_s` is new tokens in the time of both. `peak_gflops` is what the kernels reach \
            meanwhile on matrices in the nearest cache. Planned bytes are computed from the shape alone. \
            `load` writes a random model to a temporary directory, or takes --model, and reads it with a \
            warm file cache.
            """)

    @Argument(help: "What to measure: train, generate, score or load.")
    var task: BenchmarkTask

    @Option(
        name: .long,
        help: "The model's size: countdown, tiny, small, base, mid or qwen2.5-0.5b.")
    var config = BenchmarkSize.countdown

    @Option(
        name: .long,
        help: "Weights: fp32, or bf16 for ones that are bfloat16 numbers. Training is in fp32.")
    var dtype = BenchmarkSettings.NumberType.fp32

    @Option(name: .long, help: ArgumentHelp("Sequences at a time.", valueName: "n"))
    var batch: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Tokens of a sequence to train on or score.", valueName: "n"))
    var length: Int?

    @Option(name: .long, help: ArgumentHelp("Tokens of a prompt.", valueName: "n"))
    var prompt: Int?

    @Option(name: .long, help: ArgumentHelp("New tokens after each prompt.", valueName: "n"))
    var new: Int?

    @Option(
        name: .long, help: ArgumentHelp("Measurements, of which the median counts.", valueName: "n")
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
            if dtype == .bf16 { throw ValidationError("--dtype bf16 does not go with train") }
            if config == .halfBillion {
                throw ValidationError("--config qwen2.5-0.5b does not go with train")
            }
        }
        if model != nil, task != .load { throw ValidationError("--model goes with load alone") }
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
