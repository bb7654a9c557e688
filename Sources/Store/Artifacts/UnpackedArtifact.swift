import Files
import Foundation
import JSON
import Pipeline

/// The files of an artifact as they are handed to those who read them: a directory that many share, with the stamps
/// that everything in it has. All of it is read-only and was last modified at one time long ago, so that whatever is
/// written to it shows at once, whatever the step of the file system's clock.
package struct UnpackedArtifact: Sendable {
    package let path: String
    private let contents: ArtifactContents

    /// Of the directory itself, the directories in it, its files.
    private let stamps: [(path: String, stamp: FileStamp)]
    private let files: any FileSystem

    /// 2000-01-01: archive formats know no time before 1980.
    static let modified = 946_684_800

    /// `nil` if something of it is not there.
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

    /// What it consists of, each with a slash before it; the empty name is the directory itself.
    private static func names(
        _ contents: ArtifactContents
    ) -> [(name: String, file: ArtifactContents.File?)] {
        [("", nil)] + contents.directories.sorted().map { ("/" + $0.text, nil) }
            + contents.files.map { ("/" + $0.path, $0) }
    }

    /// Makes all of it read-only and as old as it has to be.
    static func protect(
        _ path: String, _ contents: ArtifactContents, on files: any FileSystem
    ) throws(StoreError) {
        for (name, _) in names(contents).reversed() { try files.protect(path + name) }
    }

    /// Tells whether anything in it was touched. The directory's own time of change is left out: it changes when
    /// it gets its name.
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

    /// What is not as it was handed out, in words; `nil` if nothing was changed.
    package func change() throws -> String? {
        var differing: [ExactText: ArtifactContents.File] = [:]
        for file in contents.files { differing[ExactText("/" + file.path)] = file }
        for (name, before) in stamps {
            guard let now = try files.status(path + name)?.stamp else {
                return "\(Self.shown(name)) is gone"
            }
            if now == before { continue }
            // It got its name when it was unpacked: another time tells of another copy in its place.
            if name.isEmpty { return try strange(in: name) }
            guard now.withoutChange == before.withoutChange else {
                return before.isDirectory
                    ? try strange(in: name) : "\(Self.shown(name)) was changed"
            }
            // Such as by a further hard link.
            guard let file = differing[ExactText(name)] else { continue }
            if try Archive.digest(ofFile: path + name, on: files) != file.sha256 {
                return "\(Self.shown(name)) was changed"
            }
        }
        return nil
    }

    /// What was done to a directory of which the names changed.
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

    /// Whether all of it is as it was published, though its stamps tell otherwise, as after the store was copied.
    /// Reads every byte.
    func isAsPublished() throws -> Bool {
        let isOld = stamps.allSatisfy {
            $0.stamp.modified == Self.modified * 1_000_000_000 && $0.stamp.mode & 0o222 == 0
        }
        guard isOld else { return false }
        return try CacheCheck.problem(path, contents, isQuick: false, on: files) == nil
    }
}
