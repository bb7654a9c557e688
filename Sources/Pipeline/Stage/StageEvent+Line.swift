extension StageEvent {
    /// Appends the event as a line of JSON with its terminator.
    package func append(to bytes: inout [UInt8]) {
        guard case .metric(let name, let step, let value) = self else {
            bytes += JSONLine.encode(self)
            bytes.append(10)
            return
        }
        bytes += "{\"metric\":{\"name\":\"".utf8
        Self.append(name, to: &bytes)
        bytes += "\",\"step\":".utf8
        Self.append(step.description, to: &bytes)
        bytes += ",\"value\":".utf8
        Self.append(
            value.isFinite
                ? value.description : value.isNaN ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"",
            raw: true, to: &bytes)
        bytes += "}}\n".utf8
    }

    /// Parses a line without its terminator; nil if it is not an event.
    package init?(line: UnsafeRawBufferPointer) {
        if let point = MetricLine(line) {
            self = .metric(
                name: String(decoding: point.name, as: UTF8.self), step: point.step,
                value: point.value)
            return
        }
        guard let event = JSONLine.decode(StageEvent.self, line) else { return nil }
        self = event
    }

    /// Parses a line that the program of a stage printed. Metric values, progress and checkpoints are events; any other
    /// line gives nil and is text for the log.
    package init?(printed line: UnsafeRawBufferPointer) {
        guard let event = StageEvent(line: line) else { return nil }
        switch event {
        case .log, .warning: return nil
        case .progress, .metric, .checkpoint, .resumed: self = event
        }
    }

    private static func append(_ text: String, raw: Bool = false, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { utf8 in
            let isPlain =
                raw
                || utf8.allSatisfy {
                    $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
                }
            if isPlain {
                bytes.append(contentsOf: utf8)
            } else {
                // The JSON encoding without its quotation marks.
                bytes += JSONLine.encode(String(decoding: utf8, as: UTF8.self)).dropFirst()
                    .dropLast()
            }
        }
    }
}
