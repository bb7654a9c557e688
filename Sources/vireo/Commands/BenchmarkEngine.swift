import ArgumentParser
import LanguageModel
import Report

/// `vireo bench`: how fast the language model is on this machine, on random weights and tokens.
struct BenchmarkEngine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures training, generation and scoring in tokens a second.")

    @Argument(help: "What to measure: train, generate or score.")
    var task: BenchmarkTask

    @Option(name: .long, help: "The model's size: countdown, tiny, small, base or mid.")
    var config = BenchmarkSize.countdown

    @Option(name: .long, help: "Sequences at a time; 64 for generation.")
    var batch: Int?

    @Option(name: .long, help: "Measurements, of which the median counts.")
    var repetitions = 9

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    @OptionGroup var threads: ThreadOptions

    func validate() throws {
        if repetitions < 1 { throw ValidationError("--repetitions must be 1 or more") }
        if let batch, batch < 1 { throw ValidationError("--batch must be 1 or more") }
    }

    func run() throws {
        let benchmark = try EngineBenchmark(
            size: config, batch: batch, threads: threads.count, repetitions: repetitions)
        let seconds = try benchmark.seconds(of: task)
        let tokens = Double(benchmark.tokens(of: task))
        let table = Table(
            columns: [
                "bench", "config", "batch", "threads", "kernels", "median_s", "best_s", "tok_per_s",
                "tok_per_s_best",
            ],
            rows: [
                [
                    .text(task.rawValue), .text(config.rawValue),
                    .integer(Int64(benchmark.sequences(of: task))),
                    .integer(Int64(threads.count)), .text(Transformer.kernels),
                    .number(seconds[seconds.count / 2]), .number(seconds[0]),
                    .number((tokens / seconds[seconds.count / 2]).rounded()),
                    .number((tokens / seconds[0]).rounded()),
                ]
            ])
        try StandardStream.print(table.text(as: json ? .json : .table))
    }
}
