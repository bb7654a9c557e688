/// A claim on the difference of accuracy between two arms, given by their labels.
struct ArmComparison: Hashable {
    /// What is compared.
    enum Detail: Hashable {
        /// avg@k over all questions.
        case average
        /// Also avg@k over the questions of the hardest level.
        case hardest
        /// Also pass@k and, over replicates, the median.
        case whole
    }

    let id: ClaimID
    let claim: String
    let first: String
    let second: String
    let detail: Detail

    /// Whether the claim is that the difference is small; otherwise, that it is positive.
    let isEqual: Bool

    init(
        _ id: ClaimID, _ claim: String, _ first: String, _ second: String,
        _ detail: Detail = .average, isEqual: Bool = false
    ) {
        self.id = id
        self.claim = claim
        self.first = first
        self.second = second
        self.detail = detail
        self.isEqual = isEqual
    }

    private init(
        _ id: ClaimID, _ claim: String, _ first: ArmLabel, _ second: ArmLabel
    ) {
        self.init(id, claim, first.rawValue, second.rawValue)
    }

    /// All comparisons.
    ///
    /// - Parameters:
    ///   - main: The label of the arm that represents the method.
    ///   - primary: The label that the primary claim compares it with, which may be one that no other claim knows.
    static func all(main: String, primary: String?) -> [ArmComparison] {
        let known = (hints(main) + rivals(main) + variants(main) + rounds(main) + settings)
            .filter { $0.first != $0.second }
        guard let primary, !known.contains(where: { $0.compares(main, with: primary) }) else {
            return known
        }
        return known + [ArmComparison(.t8, ClaimText.beats(primary), main, primary, .whole)]
    }

    /// Whether the claim is that `first` is more accurate than `second`.
    func compares(_ first: String, with second: String) -> Bool {
        self.first == first && self.second == second && !isEqual
    }

    /// T7: what the hint and the training of the posterior gain.
    private static func hints(_ main: String) -> [ArmComparison] {
        [
            ArmComparison(.t7, ClaimText.noHint, main, ArmLabel.noHint.rawValue, .hardest),
            ArmComparison(
                .t7, ClaimText.untrained, main, ArmLabel.untrainedPosterior.rawValue, .hardest),
        ]
    }

    /// T8: the method against other methods, and with the other selection of traces.
    private static func rivals(_ main: String) -> [ArmComparison] {
        let others = ClaimText.rivals.map { label, words in
            ArmComparison(.t8, ClaimText.beats(words), main, label.rawValue, .whole)
        }
        guard let arm = VariationalArm(label: main) else { return others }
        let other = arm.with(\.isArgmax, !arm.isArgmax)
        return others + [
            ArmComparison(
                .t8, ClaimText.weighting(isArgmax: arm.isArgmax), main, other.label, .whole)
        ]
    }

    /// T10 to T13 and T15: variants of the method.
    private static func variants(_ main: String) -> [ArmComparison] {
        let arm = VariationalArm(label: main) ?? VariationalArm()
        let accuracy = arm.with(\.estimator, .accuracy).label
        let geometricMean = arm.with(\.estimator, .geometricMean).label
        let likelihood = arm.with(\.estimator, .likelihood).label
        let best = arm.with(\.isArgmax, true)
        let weighted = arm.with(\.isArgmax, false)
        return [
            ArmComparison(.t10, ClaimText.beatsLikelihood(.accuracy), accuracy, likelihood),
            ArmComparison(
                .t10, ClaimText.beatsLikelihood(.geometricMean), geometricMean, likelihood),
            ArmComparison(
                .t10, ClaimText.likeAccuracy, accuracy, geometricMean, isEqual: true),
            ArmComparison(.t10, ClaimText.varied, .variedGeometricMean, .variedLikelihood),
            ArmComparison(
                .t11, ClaimText.exactRatioTrains, main, ArmLabel.exactRatio.rawValue),
            ArmComparison(
                .t12, ClaimText.mixHelpsBest, best.with(\.isMixed, true).label,
                best.with(\.isMixed, false).label),
            ArmComparison(
                .t12, ClaimText.mixHurtsWeighted, weighted.with(\.isMixed, false).label,
                weighted.with(\.isMixed, true).label),
            ArmComparison(
                .t13, ClaimText.disjoint, ArmLabel.disjoint.rawValue, main, isEqual: true),
            ArmComparison(
                .t13, ClaimText.disjoint, ArmLabel.fullDisjoint.rawValue,
                ArmLabel.fullVariational.rawValue, isEqual: true),
            ArmComparison(
                .t15, ClaimText.sampledLogProbabilities, .temperedSampled, .temperedUntempered),
            ArmComparison(
                .t15, ClaimText.untemperedTraces, main, ArmLabel.temperedSampled.rawValue),
        ]
    }

    /// T16: further rounds of the method, alone and against expert iteration of equal cost.
    private static func rounds(_ main: String) -> [ArmComparison] {
        [
            ArmComparison(
                .t16, ClaimText.weightedPosterior, ArmLabel.weightedPosterior.rawValue, main,
                isEqual: true),
            ArmComparison(.t16, ClaimText.secondRound, ArmLabel.secondRound.rawValue, main),
            ArmComparison(.t16, ClaimText.thirdRound, ArmLabel.thirdRound.rawValue, main),
            ArmComparison(.t16, ClaimText.beatsIteration("Two"), .secondRound, .secondIteration),
            ArmComparison(.t16, ClaimText.beatsIteration("Three"), .thirdRound, .thirdIteration),
        ]
    }

    /// T17 and T18: the method and its rivals in other settings.
    private static let settings =
        HintedArm.shares.map { share in
            ArmComparison(
                .t17, ClaimText.hinted(share), HintedArm.variational(share),
                HintedArm.matched(share))
        } + [
            ArmComparison(
                .t18, ClaimText.full("supervised training on them"), .fullVariational, .fullSFT),
            ArmComparison(
                .t18, ClaimText.full("rejection sampling with as many generated tokens"),
                .fullVariational, .fullRFTMatched),
            ArmComparison(
                .t18, ClaimText.full("all traces by their accuracy, without demonstrations"),
                .fullVariational, .fullWeightedAccuracy),
            ArmComparison(
                .t18, ClaimText.full("all traces by the geometric mean, without demonstrations"),
                .fullVariational, .fullWeightedGeometricMean),
        ]
}
