import ArgumentParser
import Foundation

/// `vireo remote add`
struct RemoteAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Names a shared cache.",
        discussion: """
            URL is a directory, such as /shared/vireo, or an rclone remote with a path, such as \
            s3:bucket/vireo. Nothing is contacted or created. Credentials belong to the configuration of \
            rclone, not into URL.
            """)

    @Argument(help: "The name: letters, digits, `-`, `_` and `.`.")
    var name: String

    @Argument(help: "The directory or rclone remote.")
    var url: String

    @Flag(name: .long, help: "Push new results after every run that uses the remote.")
    var push = false

    func run() throws {
        var list = try RemoteList(ProcessInfo.processInfo.environment)
        try list.add(name, url, push: push)
        if let entry = list[name], entry.isDirectory,
            !FileManager.default.fileExists(atPath: entry.url)
        {
            StandardStream.complain(
                "vireo: warning: there is no directory \(entry.url): create or mount it before the cache is used\n"
            )
        }
        try StandardStream.print("The remote \(name) is \(list[name]?.url ?? url).\n")
    }
}
