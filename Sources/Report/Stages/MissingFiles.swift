import Pipeline

/// The files and directories that stages of a plan read and that are not there, with the places where they are
/// published.
package struct MissingFiles: Hashable, Sendable {
    private struct Place: Hashable {
        let path: String
        let origin: String
    }

    private let places: [Place]

    /// `nil` if all files are there.
    package init?(of plan: Plan) {
        var seen: Set<String> = []
        places = plan.stages.flatMap { stage in
            stage.missing.filter { seen.insert($0.path).inserted }.map {
                Place(path: $0.path, origin: stage.origin ?? "")
            }
        }
        if places.isEmpty { return nil }
    }

    /// One line for each, after a line with their number.
    package var text: String {
        let width = places.map(\.path.count).max() ?? 0
        let head =
            places.count == 1
            ? "1 file or directory is missing; get it from the place where it is published:"
            : "\(places.count) files or directories are missing; get them from the places where they are published:"
        return ([head] + places.map { "  \($0.path.padded(to: width))  \($0.origin)" })
            .joined(separator: "\n")
    }
}
