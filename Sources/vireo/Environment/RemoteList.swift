import Files
import Foundation
import JSON
import Processes
import Store

/// The shared caches of the user, by name. They are settings of the user and not of a store: a name of an rclone remote
/// means something only together with the rclone configuration of the same user, a store may come from somebody else,
/// and a new machine needs the cache before its first run has made a store.
struct RemoteList {
    /// A shared cache.
    struct Entry: Decodable, Hashable {
        let name: String
        /// An absolute directory, or a remote of rclone with a path.
        let url: String
        /// Whether `vireo run --remote` pushes new results.
        var push = false

        var isDirectory: Bool { FilePath.isAbsolute(url) }
    }

    private struct Contents: Decodable {
        let remotes: [Entry]
    }

    /// The path of the file.
    private let path: String

    /// In the order of their names.
    private(set) var entries: [Entry]

    /// Reads the list; it is empty without a file. Throws a `CommandError`.
    init(_ environment: [String: String]) throws {
        let home = environment["XDG_CONFIG_HOME"].flatMap { FilePath.isAbsolute($0) ? $0 : nil }
        guard let directory = home ?? environment["HOME"].map({ $0 + "/.config" }) else {
            throw CommandError.noHome
        }
        path = directory + "/vireo/remotes.json"
        entries = []
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            var decoder = JSONRecordDecoder()
            entries = try decoder.decode(
                Contents.self, from: String(decoding: data, as: UTF8.self)
            ).remotes
        } catch is JSONMistake, is JSONMismatch {
            throw CommandError.remotes(path: path, reason: "it is not a list of remotes")
        } catch {
            throw CommandError.remotes(path: path, reason: error.localizedDescription)
        }
    }

    subscript(name: String) -> Entry? { entries.first { $0.name == name } }

    /// The remote `name`, or the only one if `name` is nil. Throws a `CommandError`.
    func entry(_ name: String?) throws -> Entry {
        if let name {
            guard let entry = self[name] else {
                throw CommandError.noRemote(name, known: entries.map(\.name))
            }
            return entry
        }
        guard let first = entries.first else { throw CommandError.noRemotes }
        guard entries.count == 1 else {
            throw CommandError.severalRemotes(entries.map(\.name))
        }
        return first
    }

    /// Adds a remote and writes the file. `url` may be a relative directory.
    mutating func add(_ name: String, _ url: String, push: Bool) throws {
        let isName =
            name.utf8.count <= 40 && name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil
        guard isName else { throw CommandError.remoteName(name) }
        if let entry = self[name] { throw CommandError.remoteExists(name, url: entry.url) }
        guard !url.isEmpty, !url.hasPrefix("-"), !url.contains("://"),
            url.unicodeScalars.allSatisfy({ $0.value >= 32 })
        else { throw CommandError.remoteURL(url) }
        // As in rclone, a colon before the first slash ends the name of a remote.
        let isDirectory = !url.prefix { $0 != "/" }.contains(":")
        entries.append(
            Entry(name: name, url: isDirectory ? FilePath.absolute(url) : url, push: push))
        entries.sort { $0.name < $1.name }
        try write()
    }

    /// Removes a remote and writes the file. The files of the remote stay.
    mutating func remove(_ name: String) throws {
        let entry = try entry(name)
        entries.removeAll { $0 == entry }
        try write()
    }

    private func write() throws {
        let list = JSONValue.array(
            entries.map { entry in
                .object([
                    "name": .string(entry.name), "url": .string(entry.url),
                    "push": .bool(entry.push),
                ])
            })
        let text = JSONValue.object(["remotes": list]).indented + "\n"
        do {
            try FileManager.default.createDirectory(
                atPath: FilePath.parent(path), withIntermediateDirectories: true)
            let file = try DurableFile(path)
            try Array(text.utf8).withUnsafeBytes { try file.append($0) }
            try file.finish()
        } catch {
            throw CommandError.unwritable(
                path: path, reason: (error as? POSIXError)?.reason ?? error.localizedDescription)
        }
    }
}

extension RemoteList.Entry {
    /// The shared cache, whose warnings `warn` prints. `registry` knows the processes that it starts.
    func cache(
        _ environment: [String: String], registry: ChildRegistry = ChildRegistry(),
        warn: @escaping @Sendable (String) -> Void = { StandardStream.complain($0 + "\n") }
    ) -> RemoteCache {
        let storage: any RemoteStorage =
            isDirectory
            ? DirectoryRemote(url)
            : RcloneRemote(
                url, program: RcloneRemote.program(environment), environment: environment,
                registry: registry)
        return RemoteCache(name, storage) { warn("vireo: warning: \($0)") }
    }
}
