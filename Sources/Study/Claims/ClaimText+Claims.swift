import VariationalInference

/// The texts of all rows.
extension ClaimText {
    // MARK: T1, T2, T5

    private static let enumerated = "in models whose every expectation is a sum, K = 1 to 8"

    /// A claim that is proved, so that its row is a check of the program and not of data.
    private static func theorem(_ claim: String, _ measured: String) -> ClaimText {
        ClaimText("\(claim) (theorem, checked by enumeration).", measured)
    }

    static let boundGrows = theorem(
        "The multi-trace bound L^K grows with the number of traces",
        "least L^(K+1) - L^K \(enumerated)")
    static let boundIsBelow = theorem(
        "The bound stays below log P(Y_x|x)", "least log P(Y_x|x) - L^K \(enumerated)")
    static let gapCloses = theorem(
        "The gap to log P(Y_x|x) closes as K grows",
        "largest gap at K = 8 as a share of that at K = 1; holds below 1/2")
    static let firstBound = theorem(
        "The bound of one trace is log P(Y_x|x) less KL(q || posterior)",
        "L^1 against log P(Y_x|x) - KL(q || posterior)")
    static let idealBound = theorem(
        "With the true posterior as q every bound is log P(Y_x|x)",
        "L^K against log P(Y_x|x), K = 1 to 8")

    static func trainedBoundGrows(from first: Int, to last: Int) -> ClaimText {
        ClaimText(
            "The bound of trained models grows with the number of traces.",
            "L^\(last) less L^\(first), each on traces of its own"
        )
    }
    static func trainedBoundIsBelow(_ k: Int) -> ClaimText {
        ClaimText(
            "The bound of trained models stays below log P(Y_x|x).",
            "log P(Y_x|x), from traces of prior and posterior together, less L^\(k)")
    }
    static let threeTraces = "`bounds` with three traces of every question and two questions"
    static func wholeDraws(_ input: String) -> String {
        "`\(input)` with `ratio: exact`, `answer_likelihood: likelihood` and no trace left out"
    }

    static func priorGradient(_ k: Int) -> ClaimText {
        theorem(
            "The gradient of L^K for theta is the mean score with weights rho~ (Eq. 6)",
            "formula against finite differences, K = \(k)")
    }
    static func posteriorGradient(_ k: Int) -> ClaimText {
        theorem(
            "The gradient of L^K for phi is that of App. A.2",
            "formula against finite differences, K = \(k)")
    }
    static func evidenceGradient(_ k: Int) -> ClaimText {
        theorem(
            "The gradient of the evidence lower bound for phi is E_q[log rho grad log q] (Eq. 4)",
            "formula with leave-one-out baselines against finite differences, K = \(k)")
    }
    static let forwardKLGradient = theorem(
        "The forward KL falls along the posterior's mean score (Eq. 9)",
        "formula against finite differences")

    static let noVariance = theorem(
        "The likelihood of the only correct answer has no variance",
        "largest variance for n = 1, p = 0 to 1")

    static func crossing(_ n: Int) -> ClaimText {
        theorem(
            "The accuracy has the smaller worst variance from p = 1/n on (Theorem 1)",
            "where the worst variances of accuracy and likelihood cross, n = \(n) correct answers")
    }

    // MARK: T3, T4

    static let weights = ClaimText(
        "A method's update on a question is its weight times grad log P(Y_x|x).",
        "measured weight against the exact curve, over methods, group sizes and bins of accuracy; a test that the curves describe the measured updates, which one bin of one method fails"
    )
    static let variationalRows = "`gradients` with `weights` for its row on the variational method"

    static func slope(_ method: String, _ group: Int) -> ClaimText {
        ClaimText(
            method == "variational"
                ? "The variational method learns alike from easy and hard questions."
                : "With \(names[method] ?? method) a question counts in proportion to its accuracy.",
            "slope of log weight on log accuracy up to 1/2, \(method), \(method == "variational" ? "K" : "G") = \(group)"
        )
    }

    static func hardShare(_ method: String) -> ClaimText {
        ClaimText(
            "The variational method takes more of its gradient from hard questions than \(names[method] ?? method).",
            "share of the gradient from questions of accuracy up to 1/8, variational less \(method)"
        )
    }

    static func measuredBins(_ least: Int) -> String {
        "`gradients` with a bin of \(least) questions of which g could be measured"
    }
    static func positiveWeights(_ method: String, _ group: Int) -> String {
        "two bins of accuracy up to 1/2 with a weight above 0 for its row on \(method) with \(group) rollouts or traces"
    }
    static func rows(of method: String) -> String { "`gradients` with rows of \(method)" }

    private static let names = [
        "reinforce": "REINFORCE", "rft-all": "rejection sampling", "dr-grpo": "Dr.GRPO",
        "grpo": "GRPO",
    ]

    // MARK: T6

    static func reverseShortens(_ steps: String) -> ClaimText {
        ClaimText(
            "Traces of a posterior are shorter under reverse KL than under forward KL.",
            "tokens of a trace, forward less reverse, \(steps)")
    }
    static func reverseShrinks(_ steps: String) -> ClaimText {
        ClaimText(
            "Reverse KL makes the posterior's traces shorter than they were.",
            "tokens of a trace, \(steps) less those at step 0, reverse")
    }
    static func reverseLeaks(_ steps: String) -> ClaimText {
        ClaimText(
            "The posterior leaks the answer more often under reverse KL than under forward KL.",
            "traces that state the answer without the work, forward less reverse, \(steps)")
    }
    static func forwardIsRight(_ steps: String) -> ClaimText {
        ClaimText(
            "The posterior of the forward KL writes more traces that are right than that of the reverse KL.",
            "traces that end with work that gives a correct answer, forward less reverse, \(steps)")
    }
    static let forwardVaries = ClaimText(
        "The posterior of the forward KL has more entropy than that of the reverse KL.",
        "entropy of a trace, forward less reverse")
    static let forwardDiffers = ClaimText(
        "The posterior of the forward KL writes more different traces than that of the reverse KL.",
        "share of a question's traces that differ, forward less reverse")

    static func steps(_ forward: [Int], _ reverse: [Int]) -> String {
        func listed(_ steps: [Int]) -> String {
            steps.map(String.init).joined(separator: " and ")
        }
        return forward == reverse
            ? "after \(listed(forward)) steps"
            : "after \(listed(forward)) against \(listed(reverse)) steps"
    }

    // MARK: Arms

    static let noHint = "Traces drawn with the hint train a better model than traces drawn without."
    static let untrained =
        "Traces of the trained posterior train a better model than those of the prior with the hint."
    static let rivals: [(ArmLabel, String)] = [
        (.prior, "the prior"), (.sft, "supervised training with as many steps"),
        (.rftAll, "rejection sampling that keeps all different correct rollouts"),
        (.rftOne, "rejection sampling that keeps one correct rollout a question"),
        (.rftMatched, "rejection sampling with as many generated tokens"), (.star, "STaR"),
        (.grpo, "GRPO"), (.grpoMatched, "GRPO with as many generated tokens"),
        (.drGRPO, "Dr.GRPO"), (.maxRL, "MaxRL"),
        (
            .likelihoodReward,
            "reinforcement learning rewarded by the likelihood of the reference answer"
        ),
        (.posteriorSFT, "supervised training on the posterior's traces, all alike"),
        (.accuracyOnly, "weights from the accuracy alone"),
        (.ratioOnly, "weights from the trace ratio alone"),
        (.weightedDraw, "a trace that is drawn by its weight in each epoch"),
        (.randomTrace, "a random trace of the posterior"),
        (.noLeaks, "the method without traces that state the answer before working it out"),
    ]
    static let likeAccuracy = "Accuracy and geometric mean weigh traces equally well."
    static let exactRatioTrains =
        "The geometric mean of the ratio trains a better model than the exact ratio."
    static let mixHelpsBest = "The best traces do better together with the original data."
    static let mixHurtsWeighted = "Weighted traces do better without the original data."
    static let disjoint = "A posterior trained on other questions serves as well."
    static let sampledLogProbabilities =
        "Traces drawn at another temperature train a better model with the log-probabilities they were drawn with than with those at temperature 1."
    static let untemperedTraces =
        "Traces drawn at temperature 1 train a better model than traces drawn at another temperature."
    static let weightedPosterior =
        "A posterior that learns from weighted rollouts of the prior serves as well as one that learns from demonstrations."
    static let varied =
        "Where each trace has a correct answer of its own, and answers differ in length, the geometric mean weighs traces better than the likelihood."
    static let secondRound = "A second round makes a better model."
    static let thirdRound = "A third round makes a better model than one."

    static func beats(_ rival: String) -> String { "The method is more accurate than \(rival)." }
    static func beatsLikelihood(_ estimator: AnswerEstimator) -> String {
        switch estimator {
        case .accuracy: "The accuracy weighs traces better than the likelihood."
        default:
            "The geometric mean weighs traces better than the likelihood, from which it differs by the power 1/|y|, the same for all traces of a question unless its answers vary in length."
        }
    }
    static func beatsIteration(_ rounds: String) -> String {
        "\(rounds) rounds of the method are more accurate than expert iteration of equal cost."
    }
    static func hinted(_ share: String) -> String {
        "With a share of \(share) of hinted text, the method is more accurate than rejection sampling with as many generated tokens."
    }
    static func full(_ rival: String) -> String {
        "With demonstrations for every question, the method is more accurate than \(rival)."
    }
    static func weighting(isArgmax: Bool) -> String {
        isArgmax
            ? "A question's best trace trains a better model than all its traces, weighted."
            : "All traces of a question, weighted, train a better model than its best one."
    }
    static func difference(
        _ measure: String, _ first: String, _ second: String, _ level: Int?
    ) -> String {
        "\(measure), \(first) less \(second), \(questions(level))"
    }
    static func median(_ measured: String) -> String { "median over replicates: \(measured)" }
    static func moreTraces(_ measure: String, _ sizes: [Int]) -> ClaimText {
        ClaimText(
            "More traces a question make a better model.",
            "slope of \(measure) on log2 K, K = \(sizes.map(String.init).joined(separator: ", "))")
    }

    static let sizedArms = "evaluations of three arms such as k1, k2 and k4"
    static func twoQuestions(_ level: Int?) -> String { "two of \(questions(level))" }
    static func questions(_ level: Int?) -> String {
        level.map { "questions of level \($0)" } ?? "all questions"
    }

    // MARK: T11, T14, T15

    private static let thirds = ["shortest", "middle", "longest"]

    /// `threshold` is the share below which the exact ratio should be, and above which the geometric mean
    /// should be.
    static func effective(
        _ ratio: ImportanceRatio, third: Int, threshold: Double
    ) -> ClaimText {
        ClaimText(
            ratio == .exact
                ? "The exact ratio leaves few of a question's traces with weight."
                : "The geometric mean of the ratio keeps all of a question's traces.",
            "effective sample size over K of the \(name(ratio)), the third of questions with the \(thirds[third]) traces; holds \(ratio == .exact ? "below" : "above") \(threshold)"
        )
    }
    static func effectiveSlope(_ ratio: ImportanceRatio) -> ClaimText {
        ClaimText(
            ratio == .exact
                ? "The longer its traces, the fewer the exact ratio leaves."
                : "The geometric mean of the ratio does not depend on the traces' length.",
            "slope of effective sample size over K on the traces' mean length, \(name(ratio))")
    }
    static func threeQuestions(_ ratio: ImportanceRatio) -> String {
        "three questions with two traces each for its rows on the \(name(ratio))"
    }
    static func lengths(_ ratio: ImportanceRatio) -> String {
        "questions whose traces differ in length for its slope on the \(name(ratio))"
    }
    private static func name(_ ratio: ImportanceRatio) -> String {
        ratio == .exact ? "exact ratio" : "geometric mean of the ratio"
    }

    static func unsolved(_ samples: Int, _ level: Int?) -> ClaimText {
        ClaimText(
            "The posterior solves more of what the prior does not solve than further traces of the prior do.",
            "of the questions that none of \(samples) rollouts of the prior solves, those with a trace before a correct answer, q less prior, \(questions(level))"
        )
    }
    static func unsolved(_ level: Int?) -> String {
        "two questions that the prior does not solve, of \(questions(level))"
    }

    static let copies = ClaimText(
        "Copies of one answer rank traces otherwise than independent answers.",
        "questions whose best trace differs from that by all answers, by one answer less by as many answers drawn again"
    )
    static let selected = "questions that have a best trace in all its inputs"
}
