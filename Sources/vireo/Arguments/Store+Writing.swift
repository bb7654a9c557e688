import Store

extension Store {
    /// The store in `directory`, for writing. `say` is given a line about a lock that is waited for.
    static func openForWriting(
        _ directory: String, lease: Duration = .seconds(60), usesImported: Bool = true,
        say: @escaping @Sendable (String) -> Void = { StandardStream.complain($0 + "\n") }
    ) throws -> Store {
        let wait = LockWait { path, holder in
            let name = holder?.description ?? "another process"
            say("vireo: waiting for \(path), which is locked by \(name)")
        }
        return try open(
            directory: directory, mode: .readWrite, lease: lease, usesImported: usesImported,
            wait: wait)
    }
}
