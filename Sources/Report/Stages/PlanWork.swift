import Foundation
import JSON
import Pipeline
import Store

/// The work of the stages that a run would execute, before anything is spent.
package struct PlanWork: Sendable {
    /// The work of a stage.
    package struct Entry: Hashable, Sendable {
        package let stage: String
        package let name: String
        package let work: StageWork

        /// Records of the main output; 0 if it has none.
        package let rows: Amount

        /// Bytes of all outputs.
        package let bytes: Amount

        init(_ stage: PlannedStage, _ work: StageWork) {
            (self.stage, name, self.work) = (stage.id, stage.name, work)
            let sizes = stage.outputs.map { ($0.type, work.outputs[$0.name] ?? ArtifactSize()) }
            rows = sizes.first.flatMap { $0.0.hasRows ? $0.1.rows : nil } ?? 0
            bytes = sizes.reduce(0) { $0 + $1.1.bytes(of: $1.0) }
        }
    }

    package let entries: [Entry]

    /// `known` has the sizes of the outputs of stages with a result, by their ids. A stage that waits for others is
    /// counted, because it may have to run.
    package init(of forecast: Forecast, known: [String: [String: ArtifactSize]] = [:]) {
        let works = forecast.entries.map(\.stage).work(known: known)
        entries = zip(forecast.entries, works).compactMap { entry, work in
            switch entry.forecast {
            case .cached, .same: nil
            case .resumes, .runs, .waits: Entry(entry.stage, work)
            }
        }
    }

    /// A row for each stage with its instances together, the sum, and what the numbers mean.
    package var text: String {
        guard !entries.isEmpty else { return "Nothing to run.\n" }
        var seen: Set<String> = []
        let names = entries.map(\.name).filter { seen.insert($0).inserted }
        let groups = Dictionary(grouping: entries, by: \.name)
        var rows = names.map { row($0, groups[$0] ?? [], countsRows: true) }
        if names.count > 1 { rows.append(row("total", entries, countsRows: false)) }
        let columns = [
            "stage", "instances", "rows", "steps", "generated", "scored", "trained", "FLOP",
            "outputs",
        ]
        return Table(columns: columns, rows: rows).text(as: .table) + Self.notes
    }

    private func row(_ name: String, _ entries: [Entry], countsRows: Bool) -> [SQLValue] {
        func sum(_ path: KeyPath<Entry, Amount>, _ text: (Double) -> String) -> SQLValue {
            let values = entries.map { $0[keyPath: path] }
            let known = values.compactMap(\.value)
            let sum = known.reduce(0, +)
            guard known.count < values.count else { return .text(sum == 0 ? "" : text(sum)) }
            return .text(sum == 0 ? "?" : text(sum) + " + ?")
        }
        return [
            .text(name), .text("\(entries.count)"),
            countsRows ? sum(\.rows) { $0.grouped } : .text(""), sum(\.work.steps) { $0.grouped },
            sum(\.work.generated) { $0.scaled() }, sum(\.work.scored) { $0.scaled() },
            sum(\.work.trained) { $0.scaled() }, sum(\.work.operations) { $0.scaled() },
            sum(\.bytes) { $0.scaled("B") },
        ]
    }

    private static let notes = """
        Upper bounds: rows of the main output, optimizer steps, and tokens as if every sampled text had its greatest
        length. Prompts, and answers that are only scored or trained on, are not counted. FLOP: 2 per parameter and
        token, 6 in training. Outputs: before compression. A question mark stands for what is not known yet.

        """
}

extension PlanWork.Entry {
    /// The numbers; `null` if unknown.
    var json: JSONValue {
        func number(_ amount: Amount) -> JSONValue {
            amount.value.map { value in
                Int(exactly: value).map { .integer($0) } ?? .number(value)
            } ?? .null
        }
        return .object([
            "rows": number(rows), "steps": number(work.steps),
            "generated_tokens": number(work.generated), "scored_tokens": number(work.scored),
            "trained_tokens": number(work.trained), "operations": number(work.operations),
            "bytes": number(bytes),
        ])
    }
}

extension ArtifactType {
    /// Whether artifacts of the type consist of records.
    fileprivate var hasRows: Bool {
        switch self {
        case .model, .tokenizer, .files, .gradients, .claims: false
        default: true
        }
    }
}

extension Double {
    /// A whole number with separators: `1,069,440`.
    fileprivate var grouped: String {
        let digits = String(format: "%.0f", self.rounded(.up))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Three digits with the prefix of a power of 1000 and a unit: `35.0 G`.
    fileprivate func scaled(_ unit: String = "") -> String {
        var value = self
        var prefixes = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"][...]
        while value >= 999.5, prefixes.count > 1 {
            value /= 1000
            prefixes.removeFirst()
        }
        let isWhole = prefixes.startIndex == 0 || value >= 99.95
        let number = String(format: isWhole ? "%.0f" : value < 9.995 ? "%.2f" : "%.1f", value)
        let suffix = prefixes[prefixes.startIndex] + unit
        return suffix.isEmpty ? number : number + " " + suffix
    }
}
