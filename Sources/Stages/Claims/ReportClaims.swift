import Pipeline
import Reasoning
import VariationalInference

/// `report.claims`: tests the claims of the paper on the measurements of a study. Inputs are gathered over
/// seeds. A claim whose inputs are missing is left out, with a log line.
struct ReportClaims: Stage {
    static let main = Option(
        "main", default: VariationalArm().label, "The label of the arm that represents the method.")
    static let equivalence = Option<Double>(
        "equivalence", in: 0...100, default: 3,
        "Points of accuracy up to which two arms count as equal.")

    static let kind = StageKind(
        name: "report.claims", version: 4,
        summary: "Tests the paper's claims on the figures of a study, with intervals.",
        inputs: [
            .init(
                "evaluations", .evaluation, isRequired: false, isGathered: true,
                "Evaluations of the arms on the same questions, one per `label` and `replicate` (T7 to T13, T16). These labels have a meaning: prior, sft (with as many steps as the method), posterior-sft (on q's traces, all alike), rft-all, rft-one, grpo, dr-grpo, variational-E-S-M with E accuracy, geometric-mean or likelihood, S normalized or argmax and M mix or no-mix, no-hint (traces of the prior), accuracy-only, ratio-only, exact-ratio, k1, k2, k4 and so on (K traces per question, equal steps), round-2, disjoint (q trained on other questions)."
            ),
            .init(
                "questions", .questions, isRequired: false, isGathered: true,
                "The questions with their levels, for rows by level."),
            .init(
                "bounds", .weights, isRequired: false, isGathered: true,
                "Weights with `ratio: exact` and `answer_likelihood: likelihood` of a posterior's traces, at least three per question and none left out, scored with `answers: all` (T1)."
            ),
            .init(
                "evidence", .weights, isRequired: false, isGathered: true,
                "Weights of the same kind of the prior's own traces for the same questions, to estimate P(Y_x|x) together with the others (T1)."
            ),
            .init(
                "gradients", .gradients, isRequired: false, isGathered: true,
                "The output of `study.gradients` (T3, T4)."),
            .init(
                "forward", .summaries, isRequired: false, isGathered: true,
                "Traces of a posterior trained by the forward KL, by step and replicate (T6)."),
            .init(
                "reverse", .summaries, isRequired: false, isGathered: true,
                "Traces of a posterior trained by the reverse KL, for the same questions (T6)."),
            .init(
                "forward_traces", .traces, isRequired: false, isGathered: true,
                "The traces of the last step of the forward KL, one input per replicate (T6, variety)."
            ),
            .init(
                "reverse_traces", .traces, isRequired: false, isGathered: true,
                "The traces of the last step of the reverse KL, in the same order."),
            .init(
                "exact_weights", .weights, isRequired: false, isGathered: true,
                "Weights with `ratio: exact` (T11)."),
            .init(
                "mean_weights", .weights, isRequired: false, isGathered: true,
                "Weights with `ratio: geometric-mean` (T11)."),
            .init(
                "prior_rollouts", .rollouts, isRequired: false, isGathered: true,
                "Rollouts of the prior for the training questions, with another seed than the traces of `prior_weights` (T14)."
            ),
            .init(
                "prior_weights", .weights, isRequired: false, isGathered: true,
                "Weights by accuracy of as many traces of the prior for these questions, in the same order, as a baseline for q (T14)."
            ),
            .init(
                "weights", .weights, isRequired: false, isGathered: true,
                "Weights by accuracy of the traces of q for these questions, in the same order (T14, T15)."
            ),
            .init(
                "tempered_sampled", .weights, isRequired: false, isGathered: true,
                "Weights of traces drawn at another temperature, with `proposal: sampled` (T15)."),
            .init(
                "tempered_untempered", .weights, isRequired: false, isGathered: true,
                "Weights of the same traces with `proposal: untempered`, in the same order (T15)."),
            .init(
                "copied_answers", .weights, isRequired: false, isGathered: true,
                "Weights of the traces of `weights` by one answer each, in the same order (T15)."),
            .init(
                "repeated_answers", .weights, isRequired: false, isGathered: true,
                "Weights of the same traces by as many newly sampled answers as `weights`, in the same order: the effect of chance alone (T15)."
            ),
        ],
        outputs: [.init("claims", .claims, "The claims, and the arms with their figures.")],
        options: [
            main,
            equivalence,
        ], checks: [ClaimInputs.check])

    func run(in context: StageContext) async throws {
        let inputs = ClaimInputs(context)
        var sheet = ClaimSheet()
        sheet.addEnumerated()
        let arms = try inputs.addAll(to: &sheet)
        let directory = context.output("claims")
        try JSONLines.write(sheet.ordered, to: directory + "/claims.jsonl")
        try JSONLines.write(arms, to: directory + "/arms.jsonl")
        for omission in sheet.omissions { context.emit(.log(omission)) }
        for finding in Finding.allCases {
            let count = sheet.rows.count { $0.finding == finding.rawValue }
            let name = finding.rawValue.replacing(" ", with: "_")
            context.emit(.metric(name: name, step: 0, value: Double(count)))
        }
    }
}
