import Pipeline

/// A line that a worker writes to its standard output: an event as its own JSON, or the last word.
package enum WorkerMessage: Codable, Hashable, Sendable {
    case event(StageEvent)
    /// The stage's error, for people.
    case failed(String)
    /// The stage stopped because it was asked to.
    case cancelled

    /// One line of JSON with its end.
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

    /// Reads a line without its end; nil if it is none of ours. Events in the spelling of older workers
    /// are read too.
    package init?(line: UnsafeRawBufferPointer) {
        if let event = StageEvent(line: line) {
            self = .event(event)
            return
        }
        guard let message = JSONLine.decode(WorkerMessage.self, line) else { return nil }
        self = message
    }

    /// Reads a line of text.
    package init?(line: String) {
        var line = line
        let message = line.withUTF8 { WorkerMessage(line: UnsafeRawBufferPointer($0)) }
        guard let message else { return nil }
        self = message
    }
}
