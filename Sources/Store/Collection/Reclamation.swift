/// What was forgotten or removed from a store, or would be.
package struct Reclamation: Hashable, Sendable {
    /// A kind of things that went.
    package enum Part: String, Hashable, Sendable, CaseIterable {
        case runs
        case executions
        case archives
        case unpacked = "unpacked directories"
        case work = "work directories"
        case attempts = "files of ended attempts"
        case temporary = "temporary files"
    }

    package struct Amount: Hashable, Sendable {
        package var count = 0
        package var bytes = 0

        package init(count: Int = 0, bytes: Int = 0) {
            self.count = count
            self.bytes = bytes
        }
    }

    package private(set) var amounts: [Part: Amount] = [:]

    /// A run that was forgotten, or would be.
    package struct Run: Hashable, Sendable {
        package let id: RunID
        package let pipeline: String
        /// As ISO-8601.
        package let started: String
    }

    package var runs: [Run] = []

    /// What could not be removed, and what else was left and why, in words.
    package var remarks: [String] = []

    package init() {}

    /// Of all parts.
    package var bytes: Int { amounts.values.reduce(0) { $0 + $1.bytes } }

    mutating func add(_ part: Part, count: Int = 1, bytes: Int = 0) {
        amounts[part, default: Amount()].count += count
        amounts[part, default: Amount()].bytes += bytes
    }

    /// What to forget.
    package struct Options: Hashable, Sendable {
        /// How many of the latest runs of each pipeline to keep; `nil` keeps all.
        package var keptRuns: Int?

        /// Keeps runs that began within this many seconds; `nil` is no condition.
        package var age: Double?

        /// Whether only to say what would go.
        package var isDryRun: Bool

        package init(keptRuns: Int? = nil, age: Double? = nil, isDryRun: Bool = false) {
            self.keptRuns = keptRuns ?? (age == nil ? nil : 1)
            self.age = age
            self.isDryRun = isDryRun
        }
    }
}
