import ArgumentParser
import Reasoning

/// `vireo bench products`
struct BenchProductsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "products",
        abstract:
            "Compares the speed of the kernels and of OpenBLAS on the matrix products of training.",
        discussion: """
            It measures, for each matrix of a model and the number of rows in a step of training, the \
            product with inputs (`apply`), the gradient with respect to the inputs (`propagate`) and the \
            gradient with respect to the weights (`accumulate`), in 10^9 operations per second of \
            processor time. The two libraries are measured alternately on one thread, and medians are \
            reported. `ratio` is above 1 where OpenBLAS is faster. The environment variable VIREO_PRODUCTS \
            selects the library.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The size of the model: countdown, tiny, small, base, mid or qwen2.5-0.5b (default: "
                + "all).",
            valueName: "config"))
    var config: BenchmarkSize?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The number of measurements, of which the median is reported.", valueName: "n")
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
