import Pipeline

/// A line that a worker writes to its standard output: an event in its own JSON, or the final message.
package enum WorkerMessage: Codable, Hashable, Sendable {
    case event(StageEvent)
    /// The error message of the stage.
    case failed(String)
    /// The stage stopped on request.
    case cancelled

    /// A line of JSON with its terminator.
    package var line: [UInt8] {
        var bytes: [UInt8] = []
        if case .event(let event) = self {
            event.append(to: &bytes)
            return bytes
        }
        bytes = JSONLine.encode(self)
        bytes.append(10)
        return bytes
    }

    /// Parses a line without its terminator; nil if it is not a message. Events in the format of older workers are
    /// accepted too.
    package init?(line: UnsafeRawBufferPointer) {
        if let event = StageEvent(line: line) {
            self = .event(event)
            return
        }
        guard let message = JSONLine.decode(WorkerMessage.self, line) else { return nil }
        self = message
    }

    /// Parses a line of text.
    package init?(line: String) {
        var line = line
        let message = line.withUTF8 { WorkerMessage(line: UnsafeRawBufferPointer($0)) }
        guard let message else { return nil }
        self = message
    }
}
