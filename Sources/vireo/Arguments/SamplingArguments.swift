import ArgumentParser
import LanguageModel

/// The arguments of commands that sample.
struct SamplingArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sampling temperature; 0 takes the likeliest token.", valueName: "t"))
    var temperature: Float = 1

    @Option(
        name: .long,
        help: ArgumentHelp("Draw from the k likeliest tokens alone; 0 for all.", valueName: "k"))
    var topK = 0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Draw from the fewest likeliest tokens that have this probability together.",
            valueName: "p"))
    var topP: Float = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Draw from tokens that have this share of the likeliest one's probability.",
            valueName: "p"))
    var minP: Float = 0

    @Option(name: .long, help: ArgumentHelp("Seed of the random numbers.", valueName: "s"))
    var seed: UInt64 = 0

    func validate() throws {
        guard temperature.isFinite, temperature >= 0 else {
            throw ValidationError("--temperature must be 0 or more")
        }
        guard topK >= 0 else { throw ValidationError("--top-k must be 0 or more") }
        guard topP > 0, topP <= 1 else {
            throw ValidationError("--top-p must be above 0 and at most 1")
        }
        guard (0...1).contains(minP) else { throw ValidationError("--min-p must be from 0 to 1") }
    }

    func options(
        maxTokens: Int, stopTokens: Set<Int32>, stopTexts: [String] = []
    ) -> SamplingOptions {
        SamplingOptions(
            temperature: temperature, topK: topK, topP: topP, minP: minP, maxTokens: maxTokens,
            stopTokens: stopTokens, stopTexts: stopTexts, seed: seed)
    }
}
