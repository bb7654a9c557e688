import Files
import Foundation
import JSON
import Pipeline

/// The shared, unpacked files of an artifact, with their stamps. All files are read-only and have the same old
/// modification time, so that any write shows in the stamp, whatever the resolution of the clock of the file system.
package struct UnpackedArtifact: Sendable {
    package let path: String
    private let contents: ArtifactContents

    /// The stamps of the directory itself, its subdirectories and its files.
    private let stamps: [(path: String, stamp: FileStamp)]
    private let files: any FileSystem

    /// 2000-01-01, because some archive formats do not support times before 1980.
    static let modified = 946_684_800

    /// `nil` if a part of it is missing.
    init?(
        _ path: String, _ contents: ArtifactContents, on files: any FileSystem
    ) throws(StoreError) {
        self.path = path
        self.contents = contents
        self.files = files
        var stamps: [(path: String, stamp: FileStamp)] = []
        stamps.reserveCapacity(contents.files.count + 1)
        for (name, _) in Self.names(contents) {
            guard let stamp = try files.status(path + name)?.stamp else { return nil }
            stamps.append((name, stamp))
        }
        self.stamps = stamps
    }

    /// The paths of its files and directories, each with a leading slash; the empty path is the directory itself.
    private static func names(
        _ contents: ArtifactContents
    ) -> [(name: String, file: ArtifactContents.File?)] {
        [("", nil)] + contents.directories.sorted().map { ("/" + $0.text, nil) }
            + contents.files.map { ("/" + $0.path, $0) }
    }

    /// Makes all files and directories read-only, and sets their modification time.
    static func protect(
        _ path: String, _ contents: ArtifactContents, on files: any FileSystem
    ) throws(StoreError) {
        for (name, _) in names(contents).reversed() { try files.protect(path + name) }
    }

    /// A digest of all stamps, which changes if anything is modified. The status change time of the directory itself is
    /// excluded, because it changes when the directory is renamed.
    var digest: Digest {
        var hasher = Digest.Hasher()
        var bytes: [UInt8] = []
        for (name, stamp) in stamps {
            bytes += name.utf8
            bytes.append(0)
            (name.isEmpty ? stamp.withoutChange : stamp).append(to: &bytes)
            withUnsafeBytes(of: stamp.mode) { bytes += $0 }
        }
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finalize()
    }

    /// A description of the first change; `nil` if nothing changed.
    package func change() throws -> String? {
        var differing: [ExactText: ArtifactContents.File] = [:]
        for file in contents.files { differing[ExactText("/" + file.path)] = file }
        for (name, before) in stamps {
            guard let now = try files.status(path + name)?.stamp else {
                return "\(Self.shown(name)) is gone"
            }
            if now == before { continue }
            // The directory was renamed when it was unpacked; a different time means that another copy replaced it.
            if name.isEmpty { return try strange(in: name) }
            guard now.withoutChange == before.withoutChange else {
                return before.isDirectory
                    ? try strange(in: name) : "\(Self.shown(name)) was changed"
            }
            // The status may have changed without the content, for example by a new hard link.
            guard let file = differing[ExactText(name)] else { continue }
            if try Archive.digest(ofFile: path + name, on: files) != file.sha256 {
                return "\(Self.shown(name)) was changed"
            }
        }
        return nil
    }

    /// Describes the change of the names in a directory.
    private func strange(in directory: String) throws -> String {
        let known = Set(stamps.map { ExactText($0.path) })
        let names = try files.names(in: path + directory).map { "\(directory)/\($0)" }
        if let name = names.filter({ !known.contains(ExactText($0)) }).min() {
            return "\(Self.shown(name)) was added"
        }
        return "\(Self.shown(directory)) was changed"
    }

    private static func shown(_ name: String) -> String {
        name.isEmpty ? "the directory itself" : "`\(name.dropFirst())`"
    }

    /// Whether the contents equal the published ones although the stamps differ, as after copying the store. Reads all
    /// files.
    func isAsPublished() throws -> Bool {
        let isOld = stamps.allSatisfy {
            $0.stamp.modified == Self.modified * 1_000_000_000 && $0.stamp.mode & 0o222 == 0
        }
        guard isOld else { return false }
        return try CacheCheck.problem(path, contents, isQuick: false, on: files) == nil
    }
}
