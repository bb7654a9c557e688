import Pipeline

/// What a stage needs and can never get, in words for whoever wrote the pipeline.
package enum Shortage: Hashable, Sendable, CustomStringConvertible {
    case memory(stage: String, needed: Int, available: Int)
    case pool(String, stage: String, needed: Int, available: Int)

    package var description: String {
        switch self {
        case .memory(let stage, let needed, let available):
            "the stage '\(stage)' needs \(Resources.text(bytes: needed)) of memory, but there are "
                + "\(Resources.text(bytes: available)): lower `resources.memory`, or say how much "
                + "there is with --memory"
        case .pool(let pool, let stage, let needed, 0):
            "the stage '\(stage)' needs \(needed) of the pool `\(pool)`, which has none: say how "
                + "many there are with --pool \(pool)=\(needed)"
        case .pool(let pool, let stage, let needed, let available):
            "the stage '\(stage)' needs \(needed) of the pool `\(pool)`, which has \(available): "
                + "lower `resources.\(pool)`, or raise --pool \(pool)=\(available)"
        }
    }
}

/// What keeps a plan from being run at all.
package struct ShortageError: Error, Hashable, CustomStringConvertible {
    package let shortages: [Shortage]

    package var description: String {
        shortages.map(\.description).joined(separator: "\nvireo: error: ")
    }
}
