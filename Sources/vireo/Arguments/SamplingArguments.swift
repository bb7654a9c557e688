import ArgumentParser
import LanguageModel

/// The arguments of commands that sample from a model.
struct SamplingArguments: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sampling temperature; 0 always takes the most likely token.", valueName: "t"))
    var temperature: Float = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sample only from the k most likely tokens; 0 means all.", valueName: "k"))
    var topK = 0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sample only from the smallest set of most likely tokens whose total probability is "
                + "at least p.",
            valueName: "p"))
    var topP: Float = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sample only from tokens with at least p times the probability of the most likely "
                + "token.",
            valueName: "p"))
    var minP: Float = 0

    @Option(name: .long, help: ArgumentHelp("Random seed.", valueName: "s"))
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
