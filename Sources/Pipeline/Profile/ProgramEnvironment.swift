/// The environment in which the programs of `command` stages run, such as a container.
package enum ProgramEnvironment: Hashable, Sendable {
    /// A conda environment: the absolute path of its directory.
    case conda(String)
    /// An image of Apptainer or Singularity: its absolute path, and further options of `apptainer exec`.
    case apptainer(String, options: [String])

    /// The label of its file in cache keys.
    package static let label = "environment"

    /// What identifies the environment in cache keys: the image, or the records of the installed packages, which name
    /// their versions and builds. The history of commands is not a part of them.
    package var file: NamedFile {
        switch self {
        case .conda(let path):
            let records = path + "/conda-meta"
            return NamedFile(
                label: Self.label, written: records, path: records,
                contents: .tree(ignoring: ["history"]))
        case .apptainer(let image, _):
            return NamedFile(label: Self.label, written: image, path: image, contents: .file)
        }
    }

    /// The path in the profile.
    package var path: String {
        switch self {
        case .conda(let path), .apptainer(let path, _): path
        }
    }

    /// The command line in front of that of a program whose working directory is `directory`. A container has the
    /// directories `shared` under the paths that they have outside. Which program `conda` or `apptainer` is is decided
    /// where the stage runs.
    package func prefix(directory: String, shared: [String]) -> [String] {
        switch self {
        case .conda(let path): ["conda", "run", "--no-capture-output", "--prefix", path]
        case .apptainer(let image, let options):
            ["apptainer", "exec"] + options
                + ["--bind", shared.joined(separator: ","), "--pwd", directory, image]
        }
    }

    /// The first of the paths that `--bind` of `apptainer exec` cannot name, because it separates paths with these
    /// characters; `nil` if there is none.
    package func unbindable(_ paths: [String]) -> String? {
        guard case .apptainer = self else { return nil }
        return paths.first { path in path.utf8.contains { ",:".utf8.contains($0) } }
    }
}
