import JSON
import Pipeline
import Store

/// The details of a stage as text.
package struct StageDescription {
    private let detail: StageDetail

    package init(_ detail: StageDetail) { self.detail = detail }

    package var text: String {
        [headline, options, inputs, outputs, metrics, error].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var headline: String {
        let stage = detail.stage
        var lines = [
            "\(stage.id) (\(stage.kind)), run \(stage.run.rawValue): \(RunListing.progress(of: stage))"
        ]
        if let reason = stage.reason { lines.append("  why       \(reason)") }
        if let imported = detail.imported { lines.append("  from      \(imported.text)") }
        if let started = stage.started {
            let end = stage.seconds.map { ", took \(Elapsed(seconds: $0).text)" } ?? ""
            lines.append("  started   \(RunListing.when(started)) UTC\(end)")
        }
        if stage.outcome != .pending, let place = RunListing.place(of: stage) {
            lines.append("  where     \(place)")
        }
        if let engine = stage.engine {
            lines.append("  engine    \(Self.text(engine))")
        }
        if let cpu = stage.cpuSeconds {
            let memory = stage.peakMemory.map { ", \(ByteCount(Int64($0)).text) at most" } ?? ""
            lines.append("  used      \(Elapsed(seconds: cpu).text) of processor time\(memory)")
        }
        if let checkpoint = detail.checkpoint, stage.outcome != .ran, stage.outcome != .cached {
            lines.append("  goes on   after step \(checkpoint)")
        }
        if let key = stage.key {
            let attempt = stage.attempt.map { ", attempt \($0)" } ?? ""
            lines.append("  key       \(key.short)\(attempt)")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// `vllm 0.32.0 (vllm-0.32.0-6d6a17a4)`.
    private static func text(_ engine: EngineIdentity) -> String {
        let fingerprint = engine.fingerprint.map { " (\($0))" } ?? ""
        return "\(engine.name) \(engine.version)\(fingerprint)".onOneLine
    }

    private var options: String {
        guard let document = detail.document.flatMap(JSONValue.init(json:)),
            case .object(let options)? = document["options"], !options.isEmpty
        else { return "" }
        return section(
            "options", ["option", "value"],
            options.sorted { $0.key < $1.key }.map { [.text($0.key), .text($0.value.canonical)] })
    }

    private var inputs: String {
        section(
            "inputs", ["input", "artifact", "from", "execution"],
            detail.inputs.map {
                [
                    .text($0.name), .text($0.artifact.short),
                    .text("\($0.producerKind): \($0.output)"), .integer($0.producer.rawValue),
                ]
            })
    }

    private var outputs: String {
        section(
            "outputs", ["output", "type", "artifact", "files", "size", "archived"],
            detail.outputs.map {
                [
                    .text($0.name), .text($0.type?.rawValue ?? "unknown"), .text($0.artifact.short),
                    .integer(Int64($0.files)), .text(ByteCount(Int64($0.bytes)).text),
                    .text(ByteCount(Int64($0.archiveBytes)).text),
                ]
            })
    }

    private var metrics: String {
        section(
            "metrics", ["metric", "last step", "value"],
            detail.metrics.map {
                [.text($0.name), .integer(Int64($0.step)), .real(Self.rounded($0.value))]
            })
    }

    private var error: String {
        detail.stage.error.map { "error: \($0)\n" } ?? ""
    }

    private func section(_ title: String, _ columns: [String], _ rows: [[SQLValue]]) -> String {
        guard !rows.isEmpty else { return "" }
        return Table(columns: [title] + columns.dropFirst(), rows: rows).aligned
    }

    /// Six significant digits.
    static func rounded(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value }
        var scale = 1.0
        while value.magnitude * scale < 1e5, scale < 1e12 { scale *= 10 }
        return (value * scale).rounded() / scale
    }
}
