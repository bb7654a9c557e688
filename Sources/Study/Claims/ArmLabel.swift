/// The labels of arms that claims compare, besides those of `VariationalArm` and `SizedArm`.
enum ArmLabel: String {
    case prior
    case sft
    case posteriorSFT = "posterior-sft"
    case rftAll = "rft-all"
    case rftOne = "rft-one"
    case grpo
    case drGRPO = "dr-grpo"
    case noHint = "no-hint"
    case accuracyOnly = "accuracy-only"
    case ratioOnly = "ratio-only"
    case exactRatio = "exact-ratio"
    case secondRound = "round-2"
    case disjoint

    /// What the label does not say of its arm.
    private var note: String? {
        switch self {
        case .sft: "with as many steps as the method"
        case .posteriorSFT: "on q's traces, all alike"
        case .noHint: "traces of the prior"
        case .disjoint: "q trained on other questions"
        default: nil
        }
    }

    /// A list of all labels with their notes.
    static let documentation = [
        listed(.prior, .sft, .posteriorSFT, .rftAll, .rftOne, .grpo, .drGRPO),
        VariationalArm.documentation,
        listed(.noHint, .accuracyOnly, .ratioOnly, .exactRatio),
        SizedArm.documentation,
        listed(.secondRound, .disjoint),
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
