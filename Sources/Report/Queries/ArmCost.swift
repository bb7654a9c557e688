/// The work behind the models of an arm: means over its replicates.
package struct ArmCost: Hashable, Sendable, Codable {
    /// The label of the model in tables.
    package let label: String
    package let replicates: Int
    package let generatedTokens: Double
    package let scoredTokens: Double
    package let trainedTokens: Double
    package let verifierCalls: Double
    package let cpuSeconds: Double

    /// Pretraining, which is not part of the other numbers.
    package let pretrainingTokens: Double
    package let pretrainingSeconds: Double

    /// The number of executions, of all replicates, that did not report their work.
    package let unmeasured: Int

    /// Whether the arm represents the method in the comparison.
    package let isMain: Bool

    private enum CodingKeys: String, CodingKey {
        case label
        case replicates
        case generatedTokens = "generated_tokens"
        case scoredTokens = "scored_tokens"
        case trainedTokens = "trained_tokens"
        case verifierCalls = "verifier_calls"
        case cpuSeconds = "cpu_seconds"
        case pretrainingTokens = "pretraining_tokens"
        case pretrainingSeconds = "pretraining_seconds"
        case unmeasured
        case isMain = "is_main"
    }

    package init(
        label: String, replicates: Int = 1, generatedTokens: Double = 0, scoredTokens: Double = 0,
        trainedTokens: Double = 0, verifierCalls: Double = 0, cpuSeconds: Double = 0,
        pretrainingTokens: Double = 0, pretrainingSeconds: Double = 0, unmeasured: Int = 0,
        isMain: Bool = false
    ) {
        self.label = label
        self.replicates = replicates
        self.generatedTokens = generatedTokens
        self.scoredTokens = scoredTokens
        self.trainedTokens = trainedTokens
        self.verifierCalls = verifierCalls
        self.cpuSeconds = cpuSeconds
        self.pretrainingTokens = pretrainingTokens
        self.pretrainingSeconds = pretrainingSeconds
        self.unmeasured = unmeasured
        self.isMain = isMain
    }
}
