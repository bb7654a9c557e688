import Reasoning

/// The claims tested on the artifacts of a study.
package struct ClaimReport {
    /// In the order of claims.
    package let claims: [ClaimRecord]

    /// All figures of all arms.
    package let arms: [ArmRecord]

    /// Messages on the claims that are left out because inputs are missing or too small.
    package let omissions: [String]

    /// The names of inputs whose artifacts are paired by position.
    package static var pairedInputs: [[String]] {
        ClaimTest.all.filter(\.isPaired).map { $0.inputs.map(\.name) }
    }

    /// Reads the artifacts in `directories`, by the names of `ClaimInput.all`. Inputs of `pairedInputs` that belong
    /// together must have the same number of artifacts. Throws if artifacts cannot be compared.
    ///
    /// - Parameters:
    ///   - main: The label of the arm that represents the method.
    ///   - band: The difference of accuracy, in points, up to which two arms count as equal.
    package init(_ directories: [String: [String]], main: String, band: Double) throws {
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
            try ArmStudy(
                Arm.all(Array(zip(tables, outcomes))), main: main, levels: levels, band: band
            ).add(to: &sheet)
            arms = ArmRecord.table(tables)
        } else {
            let missing = ClaimReport.listed([.evaluations])
            for id in ClaimID.ofArms { sheet.leaveOut(id, needs: missing) }
            sheet.leaveOut(.t11, "on trained models", needs: missing)
            arms = []
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

    private static func listed(_ inputs: [ClaimInput]) -> String {
        inputs.map { "`\($0.name)`" }.joined(separator: " and ")
    }
}
