import JSON
import Pipeline

/// A line that a worker writes to its standard output: a JSON object whose only member is the kind of the message.
/// Events have the form in which programs print them, such as `{"checkpoint":{"step":7}}`.
package enum WorkerMessage: Hashable, Sendable {
    case event(StageEvent)
    /// The error message of the stage: `{"failed":"…"}`.
    case failed(String)
    /// The stage stopped on request: `{"cancelled":{}}`.
    case cancelled
    /// The last message about a job, of a worker that serves many: `{"ended":{…}}`.
    case ended(JobEnd)

    /// The start of the line of an ended job.
    package static let endStart = "{\"ended\":{"

    /// The last message about a stage that ended with the exit status `status`; nil if it succeeded.
    static func last(status: Int32, error: String?) -> WorkerMessage? {
        error.map { .failed($0) } ?? (status == Worker.cancelled ? .cancelled : nil)
    }

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

    /// Parses a line without its terminator; nil if it is not a message.
    package init?(line: UnsafeRawBufferPointer) {
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

extension WorkerMessage: Codable {
    private enum Kind: CodingKey { case failed, cancelled, ended }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Kind.self)
        let kinds = members.allKeys
        guard let kind = kinds.first else {
            self = .event(try StageEvent(from: decoder))
            return
        }
        guard kinds.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "it has several kinds"))
        }
        switch kind {
        case .failed: self = .failed(try members.decode(String.self, forKey: kind))
        case .cancelled:
            _ = try members.nestedContainer(keyedBy: Kind.self, forKey: kind)
            self = .cancelled
        case .ended: self = .ended(try members.decode(JobEnd.self, forKey: kind))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        if case .event(let event) = self { return try event.encode(to: encoder) }
        var members = encoder.container(keyedBy: Kind.self)
        switch self {
        case .event: break
        case .failed(let error): try members.encode(error, forKey: .failed)
        case .cancelled: _ = members.nestedContainer(keyedBy: Kind.self, forKey: .cancelled)
        case .ended(let end): try members.encode(end, forKey: .ended)
        }
    }
}
