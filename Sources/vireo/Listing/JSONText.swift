import Pipeline
import Store

/// JSON as every command with `--json` prints it: members sorted by name, what is not known is null, times are
/// seconds and ISO-8601 texts, sizes are bytes, digests are whole.
enum JSONText {
    static func text(_ value: Value) -> String { value.indented + "\n" }

    static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }

    static func optional(_ integer: Int?) -> Value { integer.map { .integer($0) } ?? .null }

    /// Null for what is no number; JSON has no infinities, which are the texts `inf` and `-inf`.
    static func optional(_ number: Double?) -> Value {
        guard let number, !number.isNaN else { return .null }
        return number.isFinite ? .number(number) : .text("\(number)")
    }

    static func run(
        _ run: RunRecord, metrics: [(name: String, values: [RunID: Double])] = []
    ) -> Value {
        var members = members(of: run)
        if !metrics.isEmpty {
            members["metrics"] = .table(
                Dictionary(
                    metrics.map { ($0.name, optional($0.values[run.id])) },
                    uniquingKeysWith: { first, _ in first }))
        }
        return .table(members)
    }

    private static func members(of run: RunRecord) -> [String: Value] {
        [
            "run": .integer(Int(run.id.rawValue)), "pipeline": .text(run.pipeline),
            "path": .text(run.path), "outcome": .text(run.outcome), "started": .text(run.started),
            "finished": optional(run.finished), "seconds": optional(run.seconds),
            "stages": .integer(run.stages), "ran": .integer(run.ran),
            "cached": .integer(run.cached), "failed": .integer(run.failed),
            "missing": .integer(run.missing), "cpu_seconds": optional(run.cpuSeconds),
        ]
    }

    static func stage(_ stage: StageRecord) -> Value {
        .table([
            "run": .integer(Int(stage.run.rawValue)), "stage": .text(stage.id),
            "name": .text(stage.name), "kind": .text(stage.kind),
            "outcome": .text(RunListing.outcome(of: stage)), "reason": optional(stage.reason),
            "execution": optional(stage.execution.map { Int($0.rawValue) }),
            "key": optional(stage.key?.hex), "attempt": optional(stage.attempt),
            "started": optional(stage.started), "finished": optional(stage.finished),
            "seconds": optional(stage.seconds), "cpu_seconds": optional(stage.cpuSeconds),
            "peak_memory": optional(stage.peakMemory), "error": optional(stage.error),
        ])
    }

    static func metric(_ point: MetricPoint) -> Value {
        .table([
            "name": .text(point.name), "step": .integer(point.step),
            "value": optional(point.value),
        ])
    }

    static func output(_ output: StageDetail.Output) -> Value {
        .table([
            "name": .text(output.name), "type": optional(output.type?.rawValue),
            "artifact": .text(output.artifact.hex), "bytes": .integer(output.bytes),
            "files": .integer(output.files), "archive_bytes": .integer(output.archiveBytes),
        ])
    }

    /// All of a stage: its record, with options, inputs, outputs, last metrics and events.
    static func detail(_ detail: StageDetail) -> Value {
        guard case .table(var members) = stage(detail.stage) else { return .null }
        members["checkpoint"] = optional(detail.checkpoint)
        members["options"] =
            detail.document.flatMap { Value(json: $0) }?["options"] ?? .table([:])
        members["inputs"] = .list(
            detail.inputs.map {
                .table([
                    "name": .text($0.name), "position": .integer($0.position),
                    "artifact": .text($0.artifact.hex), "kind": .text($0.producerKind),
                    "execution": .integer(Int($0.producer.rawValue)), "output": .text($0.output),
                ])
            })
        members["outputs"] = .list(detail.outputs.map(output))
        members["metrics"] = .list(detail.metrics.map(metric))
        members["events"] = .list(
            detail.events.map {
                .table(["time": .text($0.time), "kind": .text($0.kind), "text": .text($0.text)])
            })
        return .table(members)
    }
}
