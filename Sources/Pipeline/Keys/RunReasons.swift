/// The reasons why stages run, one line each.
package struct RunReasons: Sendable {
    package let history: StageHistory

    package init(_ history: StageHistory) { self.history = history }

    package static let forced = "it is forced"
    /// `total` is nil if the number of steps is unknown.
    package static func resumes(after step: Int, of total: Int? = nil) -> String {
        "resumes after step \(step)" + (total.map { " of \($0)" } ?? "")
    }

    /// `files` are not there yet.
    static func missing(_ files: [NamedFile]) -> String {
        files.count == 1
            ? "its file \(files[0].path) is missing"
            : "\(files.count) of its files are missing"
    }

    package static let first = "it has never run"
    package static let unfinished = "its last execution did not finish"

    /// The maximum number of ancestors that are searched for the cause of a change.
    private static let depth = 64

    /// The parsed key document of the last execution of a stage; `nil` if it has never run.
    package func lastDocument(of stage: String) -> KeyDocument? {
        history.last[stage].flatMap { KeyDocument(canonical: $0.document) }
    }

    /// The execution whose lineage explains why an input of the stage changed; `nil` if none changed. `old` is its last
    /// key document.
    package func origin(
        for stage: String, _ document: KeyDocument, old: KeyDocument?
    ) -> Lineage.Origin? {
        let isChanged = document.inputs.contains { name, digests in
            old?.inputs[name].map { $0 != digests } ?? false
        }
        return isChanged ? history.last[stage]?.origin : nil
    }

    /// The reasons why a stage runs, given its last key document `old`. `lineage` contains the stage, its ancestors,
    /// and the execution that `origin` returned.
    package func lines(
        for stage: String, _ document: KeyDocument, old: KeyDocument?,
        answer: StageHistory.Answer?, lineage: Lineage
    ) -> [String] {
        if let missing = answer?.missing, !missing.isEmpty {
            return missing.map { "its artifact \($0) is missing" }
        }
        if let source = answer?.unusedSource { return ["its result was \(source)"] }
        guard let last = history.last[stage], let old else { return [Self.first] }
        if document == old {
            guard let error = last.error, error != "interrupted" else { return [Self.unfinished] }
            return ["its last execution failed: \(Self.brief(error))"]
        }
        return document.definitionDifferences(from: old)
            + inputLines(for: stage, document, last.origin, old, lineage)
    }

    /// The reasons why a stage runs regardless of its inputs; empty if there are none.
    package func definitionLines(for stage: PlannedStage) -> [String] {
        guard let last = history.last[stage.id] else { return [Self.first] }
        let document = stage.keyDocument(inputs: [:])
        if document.hasDefinition(ofText: last.document) { return [] }
        guard let old = KeyDocument(canonical: last.document) else { return [Self.first] }
        return document.definitionDifferences(from: old)
    }

    private func inputLines(
        for stage: String, _ document: KeyDocument, _ origin: Lineage.Origin, _ old: KeyDocument,
        _ lineage: Lineage
    ) -> [String] {
        document.inputDifferences(from: old).map { name, line in
            guard document.inputs[name]?.count == old.inputs[name]?.count else { return line }
            let causes = lineage.causes(
                ofInput: name, .planned(stage), since: origin, limit: Self.depth)
            guard let first = causes.first, first.change != .unknown else { return line }
            let more = causes.count == 1 ? "" : ", and \(causes.count - 1) more"
            if case .source(let input, let now, let before) = first.change, first.path.isEmpty {
                return "in.\(input) changed: it is \(now) instead of \(before)\(more)"
            }
            return "in.\(name) changed: \(first.text)\(more)"
        }
    }

    private static func brief(_ text: String) -> String {
        let line = text.split(separator: "\n").first.map(String.init) ?? text
        return line.count <= 120 ? line : line.prefix(117) + "..."
    }
}
