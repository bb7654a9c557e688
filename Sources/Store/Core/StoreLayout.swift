import Files
import Foundation
import Pipeline

/// Where things are in a store's directory.
package struct StoreLayout: Hashable, Sendable {
    /// The absolute path of the store, usually `.vireo` beside the pipelines.
    package let directory: String

    package init(_ directory: String) { self.directory = directory }

    package var database: String { directory + "/vireo.db" }
    package var lock: String { directory + "/write.lock" }
    package var objects: String { directory + "/objects" }
    package var cache: String { directory + "/cache" }
    package var work: String { directory + "/work" }

    /// Where `vireo verify --repair` puts what is damaged.
    package var quarantine: String { directory + "/quarantine" }

    /// Whether a store's directory has something of this name.
    static func owns(_ name: String) -> Bool {
        name.hasPrefix("vireo.db")
            || ["write.lock", "objects", "cache", "work", "quarantine"].contains(name)
    }

    /// The archive of an artifact.
    package func object(_ digest: Digest) -> String {
        "\(objects)/\(digest.hex.prefix(2))/\(digest.hex).tar.zst"
    }

    /// Where an artifact lies unpacked, once something has read it.
    package func unpacked(_ digest: Digest) -> String { "\(cache)/\(digest.hex)" }

    /// What the stamps of that directory came to when it was whole.
    package func stamps(_ digest: Digest) -> String { unpacked(digest) + Self.stampsSuffix }

    static let stampsSuffix = ".stamps"

    /// What the attempts at one key share: checkpoints, logs and their locks.
    package func work(_ key: Digest) -> String { "\(work)/\(key.hex)" }

    /// What the attempts at one key logged.
    func log(_ key: Digest) -> String { work(key) + "/log.txt" }

    /// Fails where something else has the name of one of the store's files or directories: a stranger's
    /// store must not lead elsewhere. Nor is a file written that has another name.
    func check(_ mode: Store.Mode) throws(StoreError) {
        for path in [objects, cache, work, quarantine] {
            guard let status = Self.status(path) else { continue }
            guard status.st_mode & S_IFMT == S_IFDIR else { throw .irregular(path: path) }
        }
        for path in [database, database + "-wal", database + "-shm", database + "-journal", lock] {
            guard let status = Self.status(path) else { continue }
            // `Schema` says what a directory in the database's place means.
            if path == database, status.st_mode & S_IFMT == S_IFDIR { continue }
            guard status.st_mode & S_IFMT == S_IFREG else { throw .irregular(path: path) }
            guard mode == .readOnly || status.st_nlink == 1 else { throw .shared(path: path) }
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Makes an empty file for a new database, with the permissions that the umask leaves; SQLite would
    /// leave out others'. An existing one is not even opened: closing it would give up SQLite's locks.
    func createDatabase() throws(StoreError) {
        guard Self.status(database) == nil else { return }
        close(try StoreFile.open(database, O_RDWR | O_CREAT | O_EXCL))
    }
}
