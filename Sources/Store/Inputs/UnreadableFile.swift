/// Why a named file, or one below a named directory, has no digest.
package enum UnreadableFile: Error, Hashable, CustomStringConvertible {
    case file(String)
    /// It changed while it was read.
    case moving(String)
    case obstacle(FileTree.Obstacle)

    package var description: String {
        switch self {
        case .file(let path): "`\(path)` in it cannot be read"
        case .moving(let path):
            "`\(path)` changed while it was read; run again once nothing writes to it"
        case .obstacle(.closed(let path)): "`\(path)` in it cannot be read"
        case .obstacle(.notUTF8(let directory)):
            "a name in `\(directory)` is not UTF-8; rename it, or leave its directory out with `ignore`"
        case .obstacle(.tooMany(let limit)):
            "it has more than \(limit) files; name the directories that are read"
        case .obstacle(.unreal(let path)):
            "`\(path)` is of a file system that the kernel makes up, such as /proc, and has no fixed content"
        }
    }
}
