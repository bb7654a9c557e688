import JSON
import Pipeline
import Store

/// The JSON that every command with `--json` prints: members are sorted by name, unknown values are null, durations
/// are in seconds, times are ISO 8601 texts, sizes are in bytes, and digests are complete.
package enum JSONText {
    package static func text(_ value: JSONValue) -> String { value.indented + "\n" }

    package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    /// The fields of a record except one, or a list of records.
    static func value(_ record: some Encodable, without field: String = "") -> JSONValue {
        var bytes: [UInt8] = []
        JSONRecordEncoder.encode(record, to: &bytes, as: .report)
        let value = JSONValue(json: String(decoding: bytes, as: UTF8.self)) ?? .null
        guard case .object(let members) = value else { return value }
        return .object(members.filter { $0.key != field })
    }

    static func optional(_ integer: Int?) -> JSONValue { integer.map { .integer($0) } ?? .null }

    /// NaN is null. Infinities, which JSON does not have, are the texts `inf` and `-inf`.
    static func optional(_ number: Double?) -> JSONValue {
        guard let number, !number.isNaN else { return .null }
        return number.isFinite ? .number(number) : .string("\(number)")
    }

    package static func run(
        _ run: RunRecord, metrics: [(name: String, values: [RunID: Double])] = []
    ) -> JSONValue {
        var members = members(of: run)
        if !metrics.isEmpty {
            members["metrics"] = .object(
                Dictionary(
                    metrics.map { ($0.name, optional($0.values[run.id])) },
                    uniquingKeysWith: { first, _ in first }))
        }
        return .object(members)
    }

    private static func members(of run: RunRecord) -> [String: JSONValue] {
        [
            "run": .integer(Int(run.id.rawValue)), "pipeline": .string(run.pipeline),
            "path": .string(run.path), "outcome": .string(run.outcome),
            "started": .string(run.started),
            "finished": optional(run.finished), "seconds": optional(run.seconds),
            "stages": .integer(run.stages), "ran": .integer(run.ran),
            "cached": .integer(run.cached), "failed": .integer(run.failed),
            "missing": .integer(run.missing), "cpu_seconds": optional(run.cpuSeconds),
        ]
    }

    package static func stage(_ stage: StageRecord) -> JSONValue {
        .object([
            "run": .integer(Int(stage.run.rawValue)), "stage": .string(stage.id),
            "name": .string(stage.name), "kind": .string(stage.kind),
            "outcome": .string(RunListing.outcome(of: stage)), "reason": optional(stage.reason),
            "execution": optional(stage.execution.map { Int($0.rawValue) }),
            "key": optional(stage.key?.hex), "attempt": optional(stage.attempt),
            "started": optional(stage.started), "finished": optional(stage.finished),
            "seconds": optional(stage.seconds), "cpu_seconds": optional(stage.cpuSeconds),
            "peak_memory": optional(stage.peakMemory), "error": optional(stage.error),
            "job": optional(stage.job), "node": optional(stage.node),
            "engine": optional(stage.engine?.name),
            "engine_version": optional(stage.engine?.version),
            "engine_fingerprint": optional(stage.engine?.fingerprint),
        ])
    }

    static func metric(_ point: MetricPoint) -> JSONValue {
        .object([
            "name": .string(point.name), "step": .integer(point.step),
            "value": optional(point.value),
        ])
    }

    static func output(_ output: StageDetail.Output) -> JSONValue {
        .object([
            "name": .string(output.name), "type": optional(output.type?.rawValue),
            "artifact": .string(output.artifact.hex), "bytes": .integer(output.bytes),
            "files": .integer(output.files), "archive_bytes": .integer(output.archiveBytes),
        ])
    }

    /// A stage: its record with options, inputs, outputs, last metrics and events.
    package static func detail(_ detail: StageDetail) -> JSONValue {
        guard case .object(var members) = stage(detail.stage) else { return .null }
        members["checkpoint"] = optional(detail.checkpoint)
        members["options"] =
            detail.document.flatMap { JSONValue(json: $0) }?["options"] ?? .object([:])
        members["inputs"] = .array(
            detail.inputs.map {
                .object([
                    "name": .string($0.name), "position": .integer($0.position),
                    "artifact": .string($0.artifact.hex), "kind": .string($0.producerKind),
                    "execution": .integer(Int($0.producer.rawValue)), "output": .string($0.output),
                ])
            })
        members["outputs"] = .array(detail.outputs.map(output))
        members["metrics"] = .array(detail.metrics.map(metric))
        members["events"] = .array(
            detail.events.map {
                .object([
                    "time": .string($0.time), "kind": .string($0.kind), "text": .string($0.text),
                ])
            })
        return .object(members)
    }
}
