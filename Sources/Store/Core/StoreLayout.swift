import Files
import Foundation
import Pipeline

/// The paths in the directory of a store.
package struct StoreLayout: Hashable, Sendable {
    /// The absolute path of the store, usually `.vireo` next to the pipelines.
    package let directory: String

    package init(_ directory: String) { self.directory = directory }

    package var database: String { directory + "/vireo.db" }
    package var lock: String { directory + "/write.lock" }
    package var objects: String { directory + "/objects" }
    package var cache: String { directory + "/cache" }
    package var work: String { directory + "/work" }

    /// The directory to which `vireo verify --repair` moves damaged files.
    package var quarantine: String { directory + "/quarantine" }

    /// Whether the name belongs to the layout of a store.
    static func owns(_ name: String) -> Bool {
        name.hasPrefix("vireo.db")
            || ["write.lock", "objects", "cache", "work", "quarantine"].contains(name)
    }

    /// The archive of an artifact.
    package func object(_ digest: Digest) -> String {
        "\(objects)/\(digest.hex.prefix(2))/\(digest.hex).tar.zst"
    }

    /// The directory of an unpacked artifact.
    package func unpacked(_ digest: Digest) -> String { "\(cache)/\(digest.hex)" }

    /// The file with the digest of the stamps of an unpacked artifact.
    package func stamps(_ digest: Digest) -> String { unpacked(digest) + Self.stampsSuffix }

    static let stampsSuffix = ".stamps"

    /// The work directory of a cache key, with checkpoints, logs and locks of its attempts.
    package func work(_ key: Digest) -> String { "\(work)/\(key.hex)" }

    /// The log of an attempt at a cache key.
    package func log(_ key: Digest, attempt: Int) -> String { "\(work(key))/log-\(attempt).txt" }

    /// The log of all attempts at a cache key, in stores from before each attempt had a log of its own.
    func commonLog(_ key: Digest) -> String { "\(work(key))/\(Self.commonLog)" }

    private static let commonLog = "log.txt"

    /// Whether a file of a work directory is a log.
    package static func isLog(_ name: String) -> Bool {
        name == commonLog || name.wholeMatch(of: /log-[0-9]+\.txt/) != nil
    }

    /// Throws if a path of the store is not of the expected type: an untrusted store must not lead elsewhere. Also
    /// throws if a file to be written has another hard link.
    func check(_ mode: Store.Mode) throws(StoreError) {
        for path in [objects, cache, work, quarantine] {
            guard let status = Self.status(path) else { continue }
            guard status.st_mode & S_IFMT == S_IFDIR else { throw .irregular(path: path) }
        }
        for path in [database, database + "-wal", database + "-shm", database + "-journal", lock] {
            guard let status = Self.status(path) else { continue }
            // `Schema` reports a directory in place of the database.
            if path == database, status.st_mode & S_IFMT == S_IFDIR { continue }
            guard status.st_mode & S_IFMT == S_IFREG else { throw .irregular(path: path) }
            guard mode == .readOnly || status.st_nlink == 1 else { throw .shared(path: path) }
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Creates an empty file for a new database with the permissions of the umask; SQLite would grant none to others.
    /// An existing file is not opened, because closing it would release the locks of SQLite.
    func createDatabase() throws(StoreError) {
        guard Self.status(database) == nil else { return }
        close(try StoreFile.open(database, O_RDWR | O_CREAT | O_EXCL))
    }
}
