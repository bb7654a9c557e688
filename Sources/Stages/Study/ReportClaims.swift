import Pipeline
import Reasoning
import Study
import VariationalInference

/// `report.claims`: tests the claims of the paper on the measurements of a study. Inputs are gathered over
/// seeds. A claim whose inputs are missing is left out, with a log line.
struct ReportClaims: Stage {
    static let main = Option(
        "main", default: VariationalArm().label, "The label of the arm that represents the method.")
    static let primary = Option<String?>(
        "primary",
        "The label of the arm that the primary claim compares `main` with, by avg@k over all questions. Name it before the run: the claim is tested alone at 5%, and the findings on all others are adjusted together by Holm's method. By default there is none."
    )
    static let equivalence = Option<Double>(
        "equivalence", in: 0...100, default: 3,
        "Points of accuracy up to which two arms count as equal.")

    static let kind = StageKind(
        name: "report.claims", version: 6,
        summary: "Tests the paper's claims on the figures of a study, with intervals.",
        inputs: ClaimInput.all.map {
            .init($0.name, $0.type, isRequired: false, isGathered: true, $0.summary)
        },
        outputs: [.init("claims", .claims, "The claims, and the arms with their figures.")],
        options: [
            main,
            primary,
            equivalence,
        ], checks: [check], work: { _ in StageWork() })

    /// Throws unless the primary claim compares two arms, and paired inputs that are all given have the same number
    /// of artifacts.
    @Sendable private static func check(_ settings: StageSettings) throws(OptionMistake) {
        if let other = settings.options[primary] {
            if other == settings.options[main] { throw .comparedWithItself }
            if settings.inputs["evaluations"] == nil {
                throw .missingInput(
                    "evaluations", for: .option("primary"), because: "`primary` names one of them")
            }
        }
        for inputs in ClaimReport.pairedInputs {
            let counts = inputs.compactMap { settings.inputs[$0] }
            guard counts.count == inputs.count else { continue }
            for (input, count) in zip(inputs, counts) where count != counts[0] {
                throw .unequalInputs(inputs[0], counts[0], input, count)
            }
        }
    }

    func run(in context: StageContext) async throws {
        let report = try ClaimReport(
            context.inputs, main: context[Self.main], primary: context[Self.primary],
            band: context[Self.equivalence])
        let directory = context.output("claims")
        try JSONLines.write(report.claims, in: directory)
        try JSONLines.write(report.arms, in: directory)
        for line in report.omissions + report.plan { context.emit(.log(line)) }
        for finding in Finding.allCases {
            let count = report.claims.count { $0.finding == finding.rawValue }
            let name = finding.rawValue.replacing(" ", with: "_")
            context.emit(.metric(name: name, step: 0, value: Double(count)))
        }
    }
}
