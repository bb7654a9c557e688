/// The reason why a run cannot be exported or imported.
package enum ExchangeError: Error, Hashable, CustomStringConvertible {
    /// The run does not exist.
    case unknown(RunID)

    /// The run has not ended.
    case running(RunID)

    /// The file is not an export, or is damaged.
    case file(path: String, problem: String)

    /// A line of the rows in the file is invalid.
    case row(path: String, line: Int, problem: String)

    package var description: String {
        switch self {
        case .unknown(let run):
            "there is no run \(run.rawValue): `vireo runs` lists them"
        case .running(let run):
            "run \(run.rawValue) has not ended yet; export it after it has ended"
        case .file(let path, let problem):
            "\(path) cannot be imported: \(problem); nothing was changed: export the run again"
        case .row(let path, let line, let problem):
            "\(path) cannot be imported: line \(line) of its rows: \(problem); nothing was changed:"
                + " export the run again"
        }
    }
}
