import LanguageModel
import Pipeline
import Reasoning
import Study

/// `select.model`: chooses the best of several models by their evaluations on the same questions. Rates, steps
/// and checkpoints are chosen so on validation questions, and the test questions are used only for the result.
struct SelectModel: Stage {
    static let measure = Option<String?>(
        "measure",
        "The figure that is compared, over all levels, such as pass@4; by default the avg@k of the evaluations."
    )

    static let kind = StageKind(
        name: "select.model", version: 1,
        summary: "Chooses the model with the best figure on validation questions.",
        inputs: [
            .init("models", .model, isGathered: true, "The candidates."),
            .init(
                "evaluations", .evaluation, isGathered: true, of: "models",
                "Their evaluations on the same questions with the same sampling options, in the same order."
            ),
        ],
        outputs: [
            .init("model", .model, "A copy of the best model; the first of equal ones."),
            .init("selection", .selection, "A row for every candidate with its figure."),
        ], options: [measure], checks: [check],
        work: { settings in
            StageWork(outputs: [
                "model": ArtifactSize(parameters: settings["models"].parameters),
                "selection": ArtifactSize(rows: Amount(settings.inputs["models"]?.count)),
            ])
        })

    @Sendable private static func check(_ settings: StageSettings) throws(OptionMistake) {
        let (models, evaluations) = (settings.inputs["models"], settings.inputs["evaluations"])
        guard let models, let evaluations, models != evaluations else { return }
        throw .unequalInputs("models", models, "evaluations", evaluations, per: "candidate")
    }

    func run(in context: StageContext) async throws {
        let evaluations = context.inputs["evaluations"] ?? []
        let figures = try Self.figures(evaluations, measure: context[Self.measure])
        try Self.checkQuestions(evaluations, labels: figures.map(\.label))
        let models = context.inputs["models"] ?? []
        // Of equal values, `max` may give any.
        let best = figures.map(\.value).max()
        guard let chosen = figures.firstIndex(where: { $0.value == best }) else {
            throw StageError.empty("model", input: "models")
        }
        let rows = figures.enumerated().map { position, figure in
            SelectionRecord(
                position: position, label: figure.label, measure: figure.measure,
                value: figure.value, low: figure.low, high: figure.high,
                chosen: position == chosen)
        }
        try context.copy(
            try ModelFiles(directory: models[chosen]), in: models[chosen],
            to: context.output("model"))
        try JSONLines.write(rows, in: context.output("selection"))
        context.emit(
            .log("chose \(rows[chosen].label), number \(chosen + 1) of \(rows.count) candidates"))
        context.emit(.metric(name: "chosen", step: 0, value: Double(chosen)))
        context.emit(.metric(name: rows[chosen].measure, step: 0, value: rows[chosen].value))
    }

    /// The compared figure of each evaluation.
    private static func figures(
        _ evaluations: [String], measure: String?
    ) throws -> [Evaluation] {
        var measure = measure
        return try evaluations.enumerated().map { position, directory in
            let all = try JSONLines.read(Evaluation.self, in: directory).filter { $0.level == nil }
            let figure = all.first {
                measure == nil ? $0.measure.hasPrefix("avg@") : $0.measure == measure
            }
            guard let figure else {
                throw SelectionError.noMeasure(
                    measure, label: all.first?.label ?? "model", position: position,
                    known: all.map(\.measure))
            }
            measure = figure.measure
            return figure
        }
    }

    /// Throws if two evaluations are of different questions.
    private static func checkQuestions(_ evaluations: [String], labels: [String]) throws {
        var first: Set<String>?
        for (position, directory) in evaluations.enumerated() {
            let questions = Set(try JSONLines.read(Outcome.self, in: directory).map(\.question))
            guard questions == first ?? questions else {
                throw SelectionError.otherQuestions(
                    labels[position], position: position, first: labels[0])
            }
            first = questions
        }
    }
}
