import Reasoning
import VariationalInference

/// The claims tested on the artifacts of a study.
package struct ClaimReport {
    /// In the order of claims.
    package let claims: [ClaimRecord]

    /// All figures of all arms.
    package let arms: [ArmRecord]

    /// Messages on the claims that are left out because inputs are missing or too small.
    package let omissions: [String]

    /// Messages on the difference that other numbers of seeds and questions would find for the primary claim; empty
    /// without one over several replicates.
    package let plan: [String]

    /// The names of inputs whose artifacts are paired by position.
    package static var pairedInputs: [[String]] {
        ClaimTest.all.filter(\.isPaired).map { $0.inputs.map(\.name) }
    }

    /// Reads the artifacts in `directories`, by the names of `ClaimInput.all`. Inputs of `pairedInputs` that belong
    /// together must have the same number of artifacts. Throws if artifacts cannot be compared.
    ///
    /// - Parameters:
    ///   - main: The label of the arm that represents the method.
    ///   - primary: The label that the primary claim compares it with; `nil` without a primary claim.
    ///   - band: The difference of accuracy, in points, up to which two arms count as equal.
    package init(
        _ directories: [String: [String]], main: String, primary: String?, band: Double
    ) throws {
        func artifacts(_ input: ClaimInput) -> [String]? { directories[input.name] }
        var sheet = ClaimSheet()
        sheet.addEnumerated()
        let questions = try JSONLines.read(Question.self, in: artifacts(.questions) ?? [])
        let levels = Dictionary(
            questions.compactMap { question in question.level.map { (question.id, $0) } },
            uniquingKeysWith: { first, _ in first })
        if let evaluations = artifacts(.evaluations) {
            let tables = try evaluations.map { try JSONLines.read(Evaluation.self, in: $0) }
            let outcomes = try evaluations.map { try JSONLines.read(Outcome.self, in: $0) }
            var study = ArmStudy(
                try Arm.all(Array(zip(tables, outcomes))), main: main, primary: primary,
                levels: levels, band: band)
            try study.add(to: &sheet)
            plan = study.primaryVariance.map(Self.plan) ?? []
            arms = ArmRecord.table(tables)
        } else {
            let missing = ClaimReport.listed([.evaluations])
            for id in ClaimID.ofArms { sheet.leaveOut(id, needs: missing) }
            sheet.leaveOut(.t11, "on trained models", needs: missing)
            sheet.leaveOut(.t15, "on temperature", needs: missing)
            arms = []
            plan = []
        }
        for test in ClaimTest.all {
            let missing = test.inputs.filter { artifacts($0) == nil }
            guard missing.isEmpty else {
                for id in test.ids {
                    sheet.leaveOut(id, test.part, needs: ClaimReport.listed(missing))
                }
                continue
            }
            let inputs = (test.inputs + test.optionalInputs).map { artifacts($0) ?? [] }
            try test.add(&sheet, ClaimTest.Records(directories: inputs, levels: levels))
        }
        claims = sheet.ordered
        omissions = sheet.omissions
    }

    /// A line for each number of seeds.
    private static func plan(_ variance: TwoWayVariance) -> [String] {
        [3, 5, 10, 20].map { seeds in
            let differences = [200, 400, 800, 1600].map { questions in
                let points = variance.detectableDifference(seeds: seeds, questions: questions)
                return "\((10 * points).rounded() / 10) on \(questions)"
            }
            return
                "primary claim, points found with 80% power: \(seeds) seeds, \(differences.joined(separator: ", ")) questions"
        }
    }

    private static func listed(_ inputs: [ClaimInput]) -> String {
        inputs.map { "`\($0.name)`" }.joined(separator: " and ")
    }
}
