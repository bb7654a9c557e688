import Pipeline
import Reasoning

/// The records that a filter keeps, and a row for each one that it leaves out.
struct Selection<Record: ArtifactRecord & Encodable> {
    var kept: [Record] = []
    private var exclusions: [Exclusion] = []

    /// Keeps `record` unless there is a reason to leave it out.
    mutating func add(
        _ record: Record, question: String, sample: Int? = nil, unless reason: String?
    ) {
        if let reason {
            exclusions.append(Exclusion(question: question, sample: sample, reason: reason))
        } else {
            kept.append(record)
        }
    }

    /// Writes the kept records and `exclusions.jsonl` into an output. Throws if nothing is kept, naming the kind of
    /// record and the `input`.
    func write(
        to output: String, of context: StageContext, name: String, input: String
    ) throws {
        guard !kept.isEmpty else { throw StageError.empty("\(name) to keep", input: input) }
        let directory = context.output(output)
        try JSONLines.write(kept, in: directory)
        try JSONLines.write(exclusions, in: directory)
        context.emit(.metric(name: "kept", step: 0, value: Double(kept.count)))
        context.emit(.metric(name: "excluded", step: 0, value: Double(exclusions.count)))
    }
}

/// What a filter does with rows that a check finds.
enum Disposal: String, CaseIterable {
    case keep
    case drop
}
