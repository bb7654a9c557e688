import ArgumentParser
import Files
import Foundation
import Pipeline
import Store

/// Finds the store of a command.
package struct StoreLocation: Sendable {
    /// The value of `--store`.
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

    /// The store of a pipeline: next to its file, unless another store is named.
    package func directory(forPipeline path: String) -> String {
        if let named { return named }
        return FilePath.joined(FilePath.parent(path), Self.name)
    }

    /// The named store, or else the nearest one: in the current directory or its `pipelines`, or in those of a parent
    /// directory.
    package func directory() throws -> String {
        if let named { return named }
        guard let found = nearest else { throw CommandError.noStore(directory: currentDirectory) }
        return found
    }

    /// The named store, else the nearest one, else a new one in the current directory.
    package func directoryOrNew() -> String { named ?? nearest ?? Self.name }

    /// Whether commands without `--store` find `directory` from the current directory.
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

/// The option of every command that uses a store.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The store (default: VIREO_STORE, or .vireo next to the pipeline file, or the "
                + "nearest .vireo or pipelines/.vireo in this directory or above).",
            valueName: "dir"))
    var store: String?

    var location: StoreLocation {
        StoreLocation(
            option: store, environment: ProcessInfo.processInfo.environment,
            currentDirectory: FileManager.default.currentDirectoryPath)
    }

    /// The paths of the store.
    func layout() throws -> StoreLayout {
        StoreLayout(FilePath.absolute(try location.directory()))
    }

    /// Opens the store read-only.
    func open() throws -> Store {
        try Store.open(directory: try location.directory(), mode: .readOnly)
    }
}

extension Store {
    /// Opens the store in `directory` read-only; `nil` if there is none.
    static func openIfPresent(_ directory: String, usesImported: Bool = true) throws -> Store? {
        guard FileManager.default.fileExists(atPath: StoreLayout(directory).database) else {
            return nil
        }
        do {
            return try open(directory: directory, mode: .readOnly, usesImported: usesImported)
        } catch StoreError.unfinished {
            return nil
        }
    }

    /// Opens the store in `directory` for writing, unless it is on a network file system. `say` prints a line if the
    /// store is locked by another process.
    static func openForWriting(
        _ directory: String, lease: Duration = .seconds(60), usesImported: Bool = true,
        say: @escaping @Sendable (String) -> Void = { StandardStream.complain($0 + "\n") }
    ) throws -> Store {
        let parent = FilePath.parent(FilePath.absolute(directory))
        if let facts = FileSystemFacts(path: directory) ?? FileSystemFacts(path: parent),
            facts.isNetwork
        {
            throw CommandError.networkStore(directory: directory, type: facts.type)
        }
        let wait = LockWait { path, holder in
            let name = holder?.description ?? "another process"
            say("vireo: waiting for \(path), which is locked by \(name)")
        }
        return try open(
            directory: directory, mode: .readWrite, lease: lease, usesImported: usesImported,
            wait: wait)
    }
}
