import ArgumentParser
import LanguageModel

/// The arguments of commands that sample.
struct SamplingArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sampling temperature; 0 takes the likeliest token.", valueName: "t"))
    var temperature: Float = 1

    @Option(name: .long, help: ArgumentHelp("Seed of the random numbers.", valueName: "s"))
    var seed: UInt64 = 0

    func validate() throws {
        guard temperature.isFinite, temperature >= 0 else {
            throw ValidationError("--temperature must be 0 or more")
        }
    }

    func options(maxTokens: Int, stopTokens: [Int32]) -> SamplingOptions {
        SamplingOptions(
            temperature: temperature, maxTokens: maxTokens, stopTokens: Set(stopTokens), seed: seed)
    }
}
