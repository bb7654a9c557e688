import JSON

extension StageEvent {
    /// Appends the event as a line of JSON with its terminator.
    package func append(to bytes: inout [UInt8]) {
        guard case .metric(let name, let step, let value) = self else {
            bytes += JSONLine.encode(self)
            bytes.append(10)
            return
        }
        // Written directly, because there are many.
        var writer = JSONWriter(numbers: [.infinities, .nan])
        writer.append("{\"metric\":{\"name\":")
        writer.quote(name)
        writer.append(",\"step\":\(step),\"value\":")
        writer.append(value)
        writer.append("}}\n")
        bytes += writer.bytes
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
        case .log, .warning, .engine: return nil
        case .progress, .metric, .checkpoint, .resumed: self = event
        }
    }
}
