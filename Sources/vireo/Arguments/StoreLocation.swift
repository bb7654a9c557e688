import ArgumentParser
import Files
import Foundation
import Pipeline
import Store

/// Where a command finds its store.
package struct StoreLocation: Sendable {
    /// What `--store` says.
    let option: String?
    let environment: [String: String]
    let currentDirectory: String

    package init(option: String?, environment: [String: String], currentDirectory: String) {
        self.option = option
        self.environment = environment
        self.currentDirectory = currentDirectory
    }

    private static let name = ".vireo"

    private var named: String? {
        option ?? environment["VIREO_STORE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The store of a pipeline: beside its file, unless another one is named.
    package func directory(forPipeline path: String) -> String {
        if let named { return named }
        return FilePath.joined(FilePath.parent(path), Self.name)
    }

    /// The store that is named, or the nearest one: in the current directory or its `pipelines`, or in
    /// one of those above.
    package func directory() throws -> String {
        if let named { return named }
        guard let found = nearest else { throw CommandError.noStore(directory: currentDirectory) }
        return found
    }

    /// The store that is named, the nearest one, or else a new one in the current directory.
    package func directoryOrNew() -> String { named ?? nearest ?? Self.name }

    /// Whether commands without `--store` find the store `directory` from here.
    package func finds(_ directory: String) -> Bool {
        let location = StoreLocation(
            option: nil, environment: environment, currentDirectory: currentDirectory)
        guard let found = location.named ?? location.nearest else { return false }
        return absolute(found) == absolute(directory)
    }

    /// What people type before a query of the store `directory`.
    func sqlCommand(_ directory: String) -> String {
        let program = CommandLine.arguments.first ?? "vireo"
        return finds(directory) ? "\(program) sql" : "\(program) sql --store \(directory)"
    }

    private var nearest: String? {
        var directory = currentDirectory
        while true {
            for candidate in [Self.name, "pipelines/" + Self.name] {
                let path = directory == "/" ? "/" + candidate : directory + "/" + candidate
                if FileManager.default.fileExists(atPath: path + "/vireo.db") {
                    return directory == currentDirectory ? candidate : path
                }
            }
            guard directory != "/", !directory.isEmpty else { return nil }
            directory = FilePath.parent(directory)
        }
    }

    private func absolute(_ path: String) -> String {
        FilePath.absolute(path, in: currentDirectory)
    }
}

/// The option that every command with a store has.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The store. Without it: VIREO_STORE, or .vireo beside the pipeline file, or the nearest one.",
            valueName: "dir"))
    var store: String?

    var location: StoreLocation {
        StoreLocation(
            option: store, environment: ProcessInfo.processInfo.environment,
            currentDirectory: FileManager.default.currentDirectoryPath)
    }

    /// Where the files of the store are.
    func layout() throws -> StoreLayout {
        StoreLayout(FilePath.absolute(try location.directory()))
    }

    /// The store, for asking only.
    func open() throws -> Store {
        try Store.open(directory: try location.directory(), mode: .readOnly)
    }
}

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
