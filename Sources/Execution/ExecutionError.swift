/// What ends a run from within.
package enum ExecutionError: Error, Hashable, CustomStringConvertible {
    /// The result of a cached stage was replaced or removed in the moment it was found.
    case changed(stage: String)

    package var description: String {
        switch self {
        case .changed(let stage):
            "another process replaced the result of \(stage) just now; run again"
        }
    }
}
