import Foundation
import Pipeline

/// A line that a worker writes to its standard output.
package enum WorkerMessage: Codable, Hashable, Sendable {
    case event(StageEvent)
    /// The stage's error, for people.
    case failed(String)
    /// The stage stopped because it was asked to.
    case cancelled

    /// One line of JSON, without its end.
    package var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            preconditionFailure("a worker's message cannot be encoded: \(error)")
        }
    }

    /// Reads a line; nil if it is none of ours.
    package init?(line: String) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let message = try? decoder.decode(WorkerMessage.self, from: Data(line.utf8)) else {
            return nil
        }
        self = message
    }
}
