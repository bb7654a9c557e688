/// The labels of arms that claims compare, besides those of `VariationalArm`, `SizedArm` and `HintedArm`.
enum ArmLabel: String {
    case prior
    case sft
    case posteriorSFT = "posterior-sft"
    case rftAll = "rft-all"
    case rftOne = "rft-one"
    case rftMatched = "rft-matched"
    case star
    case grpo
    case grpoMatched = "grpo-matched"
    case drGRPO = "dr-grpo"
    case maxRL = "maxrl"
    case likelihoodReward = "likelihood-reward"
    case noHint = "no-hint"
    case untrainedPosterior = "untrained-posterior"
    case randomTrace = "random-trace"
    case noLeaks = "no-leaks"
    case accuracyOnly = "accuracy-only"
    case ratioOnly = "ratio-only"
    case exactRatio = "exact-ratio"
    case temperedSampled = "tempered-sampled"
    case temperedUntempered = "tempered-untempered"
    case secondRound = "round-2"
    case thirdRound = "round-3"
    case secondIteration = "expert-iteration-2"
    case thirdIteration = "expert-iteration-3"
    case weightedDraw = "weighted-draw"
    case variedGeometricMean = "varied-geometric-mean"
    case variedLikelihood = "varied-likelihood"
    case weightedPosterior = "algorithm-1"
    case disjoint
    case fullVariational = "full-variational"
    case fullSFT = "full-sft"
    case fullRFTMatched = "full-rft-matched"
    case fullDisjoint = "full-disjoint"
    case fullWeightedAccuracy = "full-weighted-accuracy"
    case fullWeightedGeometricMean = "full-weighted-geometric-mean"

    /// What the label does not say of its arm.
    private var note: String? {
        switch self {
        case .sft: "with as many steps as the method"
        case .posteriorSFT: "on q's traces, all alike"
        case .rftMatched, .grpoMatched: "with as many generated tokens as the method"
        case .likelihoodReward: "the likelihood of the reference answer as the reward"
        case .noHint: "traces of the prior"
        case .untrainedPosterior: "traces of the prior that sees the hint"
        case .randomTrace: "a random trace of q"
        case .noLeaks: "without traces that state the answer before working it out"
        case .temperedSampled: "traces drawn at another temperature, `proposal: sampled`"
        case .temperedUntempered: "the same traces, `proposal: untempered`"
        case .secondIteration, .thirdIteration: "at the cost of as many rounds of the method"
        case .weightedDraw: "in each epoch one trace, drawn by its weight"
        case .variedGeometricMean, .variedLikelihood:
            "traces with correct answers of their own, by which they are weighed"
        case .weightedPosterior: "q trained on weighted rollouts of the prior"
        case .disjoint: "q trained on other questions"
        case .fullVariational, .fullSFT, .fullRFTMatched: "demonstrations for every question"
        case .fullDisjoint: "also for as many others, on which q is trained"
        case .fullWeightedAccuracy, .fullWeightedGeometricMean:
            "all traces by their weights, without demonstrations"
        default: nil
        }
    }

    /// A list of all labels with their notes.
    static let documentation = [
        listed(
            .prior, .sft, .posteriorSFT, .rftAll, .rftOne, .rftMatched, .star, .grpo, .grpoMatched,
            .drGRPO, .maxRL, .likelihoodReward),
        VariationalArm.documentation,
        listed(
            .noHint, .untrainedPosterior, .randomTrace, .noLeaks, .accuracyOnly, .ratioOnly,
            .exactRatio, .weightedDraw, .variedGeometricMean, .variedLikelihood, .temperedSampled,
            .temperedUntempered),
        SizedArm.documentation,
        listed(
            .weightedPosterior, .secondRound, .thirdRound, .secondIteration, .thirdIteration,
            .disjoint),
        HintedArm.documentation,
        listed(
            .fullVariational, .fullSFT, .fullRFTMatched, .fullDisjoint, .fullWeightedAccuracy,
            .fullWeightedGeometricMean),
    ].joined(separator: ", ")

    private static func listed(_ labels: ArmLabel...) -> String {
        labels.map { label in label.rawValue + (label.note.map { " (\($0))" } ?? "") }
            .joined(separator: ", ")
    }
}

/// The setting in labels such as `k4`.
struct SizedArm: Hashable {
    static let documentation =
        "k1, k2, k4 and so on (K traces per question, equal steps)"

    /// K, the number of traces per question.
    let traces: Int

    /// `nil` for other labels.
    init?(label: String) {
        guard label.hasPrefix("k"), let traces = Int(label.dropFirst()), traces > 0 else {
            return nil
        }
        self.traces = traces
    }
}

/// The labels of arms whose base model saw a share of text with hints.
enum HintedArm {
    /// The shares as they are in labels.
    static let shares = ["0", "0.1", "0.2", "0.4"]

    static let documentation =
        "variational-hinted-H and rft-matched-hinted-H with H \(shares.dropLast().joined(separator: ", ")) or \(shares[shares.count - 1]) (the share of the base model's text with hints)"

    static func variational(_ share: String) -> String { "variational-hinted-\(share)" }
    static func matched(_ share: String) -> String { "rft-matched-hinted-\(share)" }
}
