import Foundation

/// The spelling of times in the database: ISO-8601 in UTC with milliseconds.
package enum Timestamp {
    package static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
