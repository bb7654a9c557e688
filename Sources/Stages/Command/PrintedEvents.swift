import JSON
import Pipeline

/// Parses the events that a program prints, and produces warnings about them. Each kind of warning is issued
/// once.
package struct PrintedEvents {
    /// The last step of each series.
    private var steps: [ExactText: Int] = [:]

    /// The step from which this attempt resumes.
    private var resumed: Int?
    private var warned: Set<ExactText> = []
    private var warnings: [String] = []

    /// The range of steps: whole numbers that JSON readers represent exactly.
    static let stepRange = 0...(1 << 53)

    /// The maximum length of the name of a series, in bytes.
    static let longestName = 256

    package init() {}

    /// Parses a line without its line end. Returns the event, or `nil` if the line is text, and warnings.
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
        case .checkpoint(let step) where !Self.stepRange.contains(step),
            .resumed(let step) where !Self.stepRange.contains(step):
            break
        case .resumed(let step):
            // Points after this step will be reported again.
            steps = steps.mapValues { min($0, step) }
            resumed = step
            return .resumed(step: step)
        case let event?: return event
        case nil: break
        }
        if let point = LoosePoint(line: line) {
            if let step = point.step { return self.point(point.name, step, point.value) }
            // Continue a series that an earlier attempt started.
            let last = steps[ExactText(point.name)] ?? resumed
            let step = last.map { $0 == .max ? $0 : $0 + 1 } ?? 0
            return self.point(point.name, step, point.value)
        }
        if let kind = Self.kinds.first(where: { line.starts(with: "{\"\($0)\"".utf8) }) {
            warn(
                kind,
                "a line begins as a \(kind) but is not valid, and is logged as text: write it as \(Self.example(kind))"
            )
        }
        return nil
    }

    private mutating func point(_ name: String, _ step: Int, _ value: Double) -> StageEvent? {
        guard 1...Self.longestName ~= name.utf8.count else {
            warn(
                "name",
                "a metric has a name of \(name.utf8.count) bytes, and is logged as text: give it 1 to \(Self.longestName)"
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

    /// Escapes control characters, because names that look the same would be different series.
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

/// A metric whose step is optional and whose members may be in any order. Its value may be `null`, or a
/// non-finite number as Python writes it.
private struct LoosePoint {
    let name: String
    let step: Int?
    let value: Double

    init?(line: UnsafeRawBufferPointer) {
        // Logs may also be JSON, with many long lines; do not parse these completely.
        let blanks = " \t\r".utf8
        guard
            line.dropFirst().drop(while: blanks.contains).starts(with: "\"metric\"".utf8)
        else { return nil }
        let message = PythonJSON.quoted(line).withUnsafeBytes {
            JSONLine.decode([String: Fields].self, $0)
        }
        guard let message, message.count == 1, let fields = message["metric"] else { return nil }
        (name, step, value) = (fields.name, fields.step, fields.value)
    }

    private struct Fields: Decodable {
        let name: String
        let step: Int?
        let value: Double

        private enum Key: CodingKey {
            case name, step, value
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            name = try fields.decode(String.self, forKey: .name)
            step = try fields.decodeIfPresent(Int.self, forKey: .step)
            value =
                try fields.decodeNil(forKey: .value)
                ? .nan : fields.decode(Double.self, forKey: .value)
        }
    }
}
