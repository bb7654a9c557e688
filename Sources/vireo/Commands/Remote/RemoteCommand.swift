import ArgumentParser

/// `vireo remote`
struct RemoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remote",
        abstract: "Names shared caches, which exchange results between stores.",
        discussion: """
            A shared cache is a directory, or a place of any remote of rclone, such as S3, Google Cloud \
            Storage or SFTP. The names belong to the user and are kept in vireo/remotes.json in \
            XDG_CONFIG_HOME (default: ~/.config). The program rclone is found in PATH, or named in \
            VIREO_RCLONE.
            """,
        subcommands: [
            RemoteAddCommand.self, RemoteListCommand.self, RemoteRemoveCommand.self,
        ])
}
