import Foundation

/// The format of times in the database: ISO-8601 in UTC with milliseconds.
package enum Timestamp {
    package static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Whether a text has this format and is a valid time.
    static func isValid(_ text: String) -> Bool {
        let shape = "0000-00-00T00:00:00.000Z".utf8
        let isShaped = zip(text.utf8, shape).allSatisfy { byte, model in
            model == 48 ? 48...57 ~= byte : byte == model
        }
        guard isShaped, text.utf8.count == shape.count else { return false }
        do {
            _ = try Date(
                text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            return true
        } catch {
            return false
        }
    }
}
