/// The data that was, or in a dry run would be, removed from a store.
package struct Reclamation: Hashable, Sendable {
    /// A kind of removed data.
    package enum Part: String, Hashable, Sendable, CaseIterable {
        case runs
        case executions
        case archives
        case unpacked = "unpacked directories"
        case work = "work directories"
        case attempts = "files of ended attempts"
        case tasks = "task directories"
        case jobs = "files of ended jobs"
        case inputs = "unpacked inputs of tasks"
        case programs = "copies of the program"
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

    /// A run that was or would be removed.
    package struct Run: Hashable, Sendable {
        package let id: RunID
        package let pipeline: String
        /// The start of the run, as ISO-8601.
        package let started: String
    }

    package var runs: [Run] = []

    /// Descriptions of data that was kept or could not be removed, with the reasons.
    package var remarks: [String] = []

    package init() {}

    /// The size of all parts.
    package var bytes: Int { amounts.values.reduce(0) { $0 + $1.bytes } }

    mutating func add(_ part: Part, count: Int = 1, bytes: Int = 0) {
        amounts[part, default: Amount()].count += count
        amounts[part, default: Amount()].bytes += bytes
    }

    /// The options of a collection.
    package struct Options: Hashable, Sendable {
        /// The number of latest runs of each pipeline to keep; `nil` keeps all.
        package var keptRuns: Int?

        /// Keeps runs that were used within this many seconds; `nil` means no limit.
        package var age: Double?

        /// Whether to report only what would be removed.
        package var isDryRun: Bool

        /// The files of the store in a shared directory, from which leftovers are removed too.
        package var shared: SharedFiles?

        package init(
            keptRuns: Int? = nil, age: Double? = nil, isDryRun: Bool = false,
            shared: SharedFiles? = nil
        ) {
            self.shared = shared
            self.keptRuns = keptRuns ?? (age == nil ? nil : 1)
            self.age = age
            self.isDryRun = isDryRun
        }
    }
}
