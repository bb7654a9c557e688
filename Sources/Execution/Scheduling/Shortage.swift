import Pipeline

/// A resource that a stage needs and can never get, with a message for the user.
package enum Shortage: Hashable, Sendable, CustomStringConvertible {
    case memory(stage: String, needed: Int, available: Int)
    case pool(String, stage: String, needed: Int, available: Int)

    package var description: String {
        switch self {
        case .memory(let stage, let needed, let available):
            "the stage '\(stage)' needs \(Resources.text(bytes: needed)) of memory, but only "
                + "\(Resources.text(bytes: available)) are available: lower `resources.memory`, or "
                + "set the available memory with --memory"
        case .pool(let pool, let stage, let needed, 0):
            "the stage '\(stage)' needs \(needed) of the pool `\(pool)`, which has no units: set "
                + "their number with --pool \(pool)=\(needed)"
        case .pool(let pool, let stage, let needed, let available):
            "the stage '\(stage)' needs \(needed) of the pool `\(pool)`, which has \(available): "
                + "lower `resources.\(pool)`, or raise --pool \(pool)=\(available)"
        }
    }
}

/// The reason why a plan cannot be run.
package struct ShortageError: Error, Hashable, CustomStringConvertible {
    package let shortages: [Shortage]

    package var description: String {
        shortages.map(\.description).joined(separator: "\nvireo: error: ")
    }
}
