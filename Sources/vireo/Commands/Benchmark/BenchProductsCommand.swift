import ArgumentParser
import Reasoning

/// `vireo bench products`
struct BenchProductsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "products",
        abstract: "Measures the matrix products of training, the kernels' against OpenBLAS's.",
        discussion: """
            For each matrix of a model, with as many rows as training works on at a time: its product with \
            inputs (`apply`), the gradient with respect to them (`propagate`) and to its weights \
            (`accumulate`), in 10^9 operations a second of processor time. Both are measured in turns on \
            one thread; medians count. `ratio` is above 1 where OpenBLAS is faster: the environment \
            variable VIREO_PRODUCTS chooses it.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A model's size: countdown, tiny, small, base, mid or qwen2.5-0.5b; without it, all.",
            valueName: "config"))
    var config: BenchmarkSize?

    @Option(
        name: .long, help: ArgumentHelp("Measurements, of which the median counts.", valueName: "n")
    )
    var repetitions: Int?

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard let repetitions else { return }
        guard repetitions >= 1 else { throw ValidationError("--repetitions must be 1 or more") }
        guard repetitions <= 1 << 20 else {
            throw ValidationError("--repetitions must be at most 1048576")
        }
    }

    func run() throws {
        let report = try ProductBenchmark(
            sizes: config.map { [$0] } ?? BenchmarkSize.allCases, repetitions: repetitions
        ).report()
        try StandardStream.print(json ? JSONLines.text(of: report) + "\n" : report.text)
    }
}
