import Files
import Foundation
import Pipeline

/// Gives archives that are on the disk under temporary names the names of their artifacts, for one
/// publication, which holds the store's lock meanwhile.
struct ArchivePlacement {
    private let layout: StoreLayout
    private let files: any FileSystem
    private let named: SyncedDirectories

    /// The directories with names that may not be on the disk yet.
    private var changed: Set<String> = []

    /// The archives that would be left without a row if the publication failed.
    private var placed: [String] = []

    init(_ layout: StoreLayout, on files: any FileSystem, known named: SyncedDirectories) {
        self.layout = layout
        self.files = files
        self.named = named
    }

    /// Gives the archive `temporary` of `bytes` bytes its name, unless an archive of full size has it
    /// already: of the size `expected` by its row, or of this one's. Returns the size of the archive that
    /// now has the name.
    mutating func place(
        _ temporary: String, bytes: Int, as digest: Digest, expected: Int?
    ) throws(StoreError) -> Int {
        let object = layout.object(digest)
        let shard = FilePath.parent(object)
        if let present = files.size(object), present == expected ?? bytes {
            // Without a row, who put it there may have died before its name was on the disk.
            if expected == nil { changed.insert(shard) }
            return present
        }
        try replace(with: temporary, as: digest)
        if expected == nil { placed.append(object) }
        return bytes
    }

    /// Gives the archive `temporary` its name, whatever had it.
    mutating func replace(with temporary: String, as digest: Digest) throws(StoreError) {
        let object = layout.object(digest)
        let shard = FilePath.parent(object)
        try files.makeDirectories(shard)
        try files.rename(temporary, to: object)
        changed.insert(shard)
    }

    /// Brings the names of all archives to the disk, and those of the directories above them.
    func synchronize() throws(StoreError) {
        guard !changed.isEmpty else { return }
        for shard in changed.sorted() { try files.synchronize(directory: shard) }
        let unknown = changed.union([layout.objects]).filter { !named.contains($0) }
        let parents = Set(unknown.map { FilePath.parent($0) })
        for parent in parents.sorted() { try files.synchronize(directory: parent) }
        for directory in unknown { named.insert(directory) }
    }

    /// Gives back the room of a publication that failed before its transaction was committed. Once a
    /// commit was tried nothing is withdrawn: its rows may have reached the disk.
    func withdraw() {
        for object in placed { files.discard(object) }
    }
}
