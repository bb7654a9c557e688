import Files
import Foundation
import Pipeline

/// Renames archives from temporary names to the names of their artifacts, for a publication that holds the lock of the
/// store.
struct ArchivePlacement {
    private let layout: StoreLayout
    private let files: any FileSystem
    private let named: SyncedDirectories

    /// The directories with names that may not be synchronized yet.
    private var changed: Set<String> = []

    /// The archives that would have no row if the publication failed.
    private var placed: [String] = []

    init(_ layout: StoreLayout, on files: any FileSystem, known named: SyncedDirectories) {
        self.layout = layout
        self.files = files
        self.named = named
    }

    /// Renames the archive `temporary` of `bytes` bytes, unless a complete archive already has the name: one of the
    /// size `expected` of its row, or of the same size. Returns the size of the archive that has the name afterwards.
    mutating func place(
        _ temporary: String, bytes: Int, as digest: Digest, expected: Int?
    ) throws(StoreError) -> Int {
        let object = layout.object(digest)
        let shard = FilePath.parent(object)
        if let present = files.size(object), present == expected ?? bytes {
            // Without a row, the process that placed it may have died before its name was synchronized.
            if expected == nil { changed.insert(shard) }
            return present
        }
        try replace(with: temporary, as: digest)
        if expected == nil { placed.append(object) }
        return bytes
    }

    /// Renames the archive `temporary`, replacing any existing archive.
    mutating func replace(with temporary: String, as digest: Digest) throws(StoreError) {
        let object = layout.object(digest)
        let shard = FilePath.parent(object)
        try files.makeDirectories(shard)
        try files.rename(temporary, to: object)
        changed.insert(shard)
    }

    /// Synchronizes the names of all archives and of their parent directories to disk.
    func synchronize() throws(StoreError) {
        guard !changed.isEmpty else { return }
        for shard in changed.sorted() { try files.synchronize(directory: shard) }
        let unknown = changed.union([layout.objects]).filter { !named.contains($0) }
        let parents = Set(unknown.map { FilePath.parent($0) })
        for parent in parents.sorted() { try files.synchronize(directory: parent) }
        for directory in unknown { named.insert(directory) }
    }

    /// Removes the archives of a publication that failed before its commit. After an attempted commit nothing may be
    /// removed, because its rows may have reached the disk.
    func withdraw() {
        for object in placed { files.discard(object) }
    }
}
