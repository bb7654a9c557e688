import JSON
import Pipeline
import Store

/// A stage of a run compared with the same stage of an earlier run.
package struct StageComparison {
    private let now: StageDetail
    private let before: StageDetail

    /// The fields in which the key documents differ.
    private let fields: [FieldDifference]

    /// The first causes of differences between the inputs.
    private let causes: [InputCause]

    /// Compares the stage `id` of two runs.
    package init(_ now: StageDetail, _ before: StageDetail, in store: Store) throws {
        self.now = now
        self.before = before
        guard let document = now.document.flatMap(KeyDocument.init(canonical:)),
            let old = before.document.flatMap(KeyDocument.init(canonical:)),
            let origin = now.origin, let oldOrigin = before.origin, document != old
        else {
            fields = []
            causes = []
            return
        }
        fields = document.fieldDifferences(from: old)
        let lineage = try store.lineage(of: [origin, oldOrigin])
        causes = fields.contains(where: \.isInput) ? lineage.causes(origin, since: oldOrigin) : []
    }

    /// Whether both runs used one execution.
    private var isSame: Bool { now.stage.execution == before.stage.execution }

    private var headline: String {
        let (run, earlier) = (now.stage.run.rawValue, before.stage.run.rawValue)
        return "\(now.stage.id) (\(now.stage.kind)), run \(run) against run \(earlier)\n"
    }

    package var text: String {
        guard !isSame else {
            let execution = now.stage.execution.map { " \($0.rawValue)" } ?? ""
            return headline + "Both are execution\(execution): nothing differs.\n"
        }
        return [headline, fieldText, causeText, measureText].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var columns: [String] {
        ["run \(before.stage.run.rawValue)", "run \(now.stage.run.rawValue)"]
    }

    private var fieldText: String {
        guard !fields.isEmpty else { return "The key is the same: it was run again.\n" }
        return Table(
            columns: ["field"] + columns,
            rows: fields.map { field in
                [.text(field.field)]
                    + [field.old, field.new].map { $0.map { .text($0) } ?? .null }
            }
        ).aligned
    }

    private var causeText: String {
        guard !causes.isEmpty else { return "" }
        return "The inputs changed because\n" + causes.map { "  \($0.text)\n" }.joined()
    }

    private var measureText: String {
        let rows = measures.map { measure in
            [SQLValue.text(measure.name)] + [measure.before, measure.now]
        }
        return rows.isEmpty ? "" : Table(columns: ["measure"] + columns, rows: rows).aligned
    }

    /// Times, memory and the last metric values of both stages.
    private var measures: [(name: String, before: SQLValue, now: SQLValue)] {
        func cells(_ name: String, _ cell: (StageDetail) -> SQLValue) -> (
            String, SQLValue, SQLValue
        )? {
            let (old, new) = (cell(before), cell(now))
            return old == .null && new == .null ? nil : (name, old, new)
        }
        let times = [
            cells("outcome") { .text(RunListing.outcome(of: $0.stage)) },
            cells("time") { Self.time($0.stage.seconds) },
            cells("processor time") { Self.time($0.stage.cpuSeconds) },
            cells("memory") {
                $0.stage.peakMemory.map { .text(ByteCount(Int64($0)).text) } ?? .null
            },
        ]
        let names = Set((before.metrics + now.metrics).map(\.name)).sorted()
        return times.compactMap { $0 }
            + names.compactMap { name in cells(name) { Self.metric(name, of: $0) } }
    }

    private static func time(_ seconds: Double?) -> SQLValue {
        seconds.map { .text(Elapsed(seconds: $0).text) } ?? .null
    }

    private static func metric(_ name: String, of detail: StageDetail) -> SQLValue {
        detail.metrics.first { $0.name == name }.map {
            .real(StageDescription.rounded($0.value))
        } ?? .null
    }

    package var json: JSONValue {
        func both(_ value: (StageDetail) -> JSONValue) -> JSONValue {
            .object(["before": value(before), "now": value(now)])
        }
        return .object([
            "stage": .string(now.stage.id), "kind": .string(now.stage.kind), "same": .bool(isSame),
            "before": JSONText.stage(before.stage), "now": JSONText.stage(now.stage),
            "fields": .array(
                fields.map {
                    .object([
                        "field": .string($0.field), "before": JSONText.optional($0.old),
                        "now": JSONText.optional($0.new),
                    ])
                }),
            "causes": .array(
                causes.map {
                    .object([
                        "path": .array($0.path.map { .string($0) }), "what": .string($0.own),
                        "text": .string($0.text),
                    ])
                }),
            "metrics": both { .array($0.metrics.map(JSONText.metric)) },
            "outputs": both { .array($0.outputs.map(JSONText.output)) },
        ])
    }
}

extension StageDetail {
    /// The execution as the run used it; `nil` if the stage never started.
    var origin: Lineage.Origin? {
        stage.execution.map { .executed(run: stage.run.rawValue, execution: $0.rawValue) }
    }
}
