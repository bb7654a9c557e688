import Pipeline

/// The events among the lines that a program prints, and what is worth a warning about them: each kind of
/// warning is given once.
package struct PrintedEvents {
    /// By series, the step of the last point.
    private var steps: [ExactText: Int] = [:]
    private var warned: Set<ExactText> = []
    private var warnings: [String] = []

    /// Bytes of a longer name make no series.
    static let longestName = 256

    package init() {}

    /// The event that a line without its end is, nil if it is text, and what to warn of.
    package mutating func read(_ line: UnsafeRawBufferPointer) -> (
        event: StageEvent?, warnings: [String]
    ) {
        warnings = []
        let event = event(line)
        return (event, warnings)
    }

    private mutating func event(_ line: UnsafeRawBufferPointer) -> StageEvent? {
        guard line.first == UInt8(ascii: "{") else { return nil }
        switch StageEvent(printed: line) {
        case .metric(let name, let step, let value): return point(name, step, value)
        case .progress(let done, let total, let unit):
            let total = max(0, total)
            return .progress(done: min(max(0, done), total), total: total, unit: unit)
        case .resumed(let step):
            // Points beyond it are told again.
            steps = steps.mapValues { min($0, step) }
            return .resumed(step: step)
        case let event?: return event
        case nil: break
        }
        if let point = UnnumberedPoint(line: line) {
            let step = steps[ExactText(point.name)].map { $0 == .max ? $0 : $0 + 1 } ?? 0
            return self.point(point.name, step, point.value)
        }
        if let kind = Self.kinds.first(where: { line.starts(with: "{\"\($0)\"".utf8) }) {
            warn(
                kind,
                "a line begins as a \(kind) but is none, and is text: write it as \(Self.example(kind))"
            )
        }
        return nil
    }

    private mutating func point(_ name: String, _ step: Int, _ value: Double) -> StageEvent? {
        guard 1...Self.longestName ~= name.utf8.count else {
            warn(
                "name",
                "a metric has a name of \(name.utf8.count) bytes, and is text: give it 1 to \(Self.longestName)"
            )
            return nil
        }
        let name = name.utf8.contains { $0 < 0x20 || $0 == 0x7F } ? Self.spelled(name) : name
        if let last = steps[ExactText(name)], step <= last {
            warn(
                "step \(name)",
                "metric \(name) has step \(step) after step \(last): of several points with one step only the last is kept"
            )
        } else {
            steps[ExactText(name)] = step
        }
        return .metric(name: name, step: step, value: value)
    }

    private mutating func warn(_ kind: String, _ text: String) {
        guard warned.count < 1_000, warned.insert(ExactText(kind)).inserted else { return }
        warnings.append(text)
    }

    private static let kinds = ["metric", "progress", "checkpoint", "resumed"]

    private static func example(_ kind: String) -> String {
        switch kind {
        case "metric": "{\"metric\":{\"name\":\"loss\",\"step\":3,\"value\":0.5}}"
        case "progress": "{\"progress\":{\"done\":1,\"total\":2,\"unit\":\"step\"}}"
        default: "{\"\(kind)\":{\"step\":3}}"
        }
    }

    /// Control characters as escapes: two names that look the same would be two series.
    private static func spelled(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// A point without a step: `{"metric":{"name":"loss","value":0.5}}`.
private struct UnnumberedPoint {
    let name: String
    let value: Double

    init?(line: UnsafeRawBufferPointer) {
        guard let message = JSONLine.decode([String: Fields].self, line), message.count == 1,
            let fields = message["metric"], fields.step == nil
        else { return nil }
        (name, value) = (fields.name, fields.value)
    }

    private struct Fields: Decodable {
        let name: String
        let step: Int?
        let value: Double
    }
}
