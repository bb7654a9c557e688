import Files
import Foundation
import GRDB
import JSON
import Pipeline

/// Compares a directory of unpacked files with the rows of its artifact.
struct CacheCheck {
    let artifact: Digest
    let path: String
    let isQuick: Bool
    let files: any FileSystem

    func check(_ database: Database, _ result: inout VerificationResult) throws {
        let contents = try ArtifactContents(of: artifact, in: database)
        guard contents.digest == artifact else { return }
        // The whole directory may be removed at any time, but not a part of it.
        let problem: String?
        do {
            problem = try Self.problem(path, contents, isQuick: isQuick, on: files)
        } catch {
            problem = "\(error)"
        }
        if let problem, files.exists(path) {
            result.damages.insert(
                .cache(artifact: artifact, path: path, problem: problem, since: since(contents)))
        }
    }

    /// The time of the first change, as far as file times show it.
    private func since(_ contents: ArtifactContents) -> String {
        var earliest = Int.max
        var pending = [path]
        while let directory = pending.popLast() {
            let names = files.listing(directory).map { directory + "/" + $0 }
            for path in names + [directory] {
                guard let status = files.known(path) else { continue }
                // Unmodified files have the fixed modification time of unpacked files.
                let isTouched = status.stamp.modified != UnpackedArtifact.modified * 1_000_000_000
                if isTouched { earliest = min(earliest, status.stamp.modified) }
                if status.kind == .directory, path != directory { pending.append(path) }
            }
        }
        let seconds = earliest == .max ? 0 : Double(earliest) / 1e9
        return Timestamp.text(Date(timeIntervalSince1970: seconds))
    }

    /// How a directory differs from the published artifact; `nil` if it does not.
    static func problem(
        _ path: String, _ contents: ArtifactContents, isQuick: Bool, on files: any FileSystem
    ) throws(StoreError) -> String? {
        let found = try Archive.listing(of: path, on: files)
        let names = Set((found.files.map(\.path) + found.emptyDirectories).map { ExactText($0) })
        let expected = Set(
            (contents.files.map(\.path) + contents.emptyDirectories).map { ExactText($0) })
        if let file = names.subtracting(expected).min() {
            return "\(file.text) does not belong to the artifact"
        }
        if let file = expected.subtracting(names).min() { return "\(file.text) is missing" }
        let modes = Dictionary(
            found.files.map { (ExactText($0.path), $0.isExecutable) },
            uniquingKeysWith: { first, _ in first })
        for file in contents.files {
            guard files.size(path + "/" + file.path) == file.bytes else {
                return "\(file.path) has a different size than the published file"
            }
            guard modes[ExactText(file.path)] == file.isExecutable else {
                return "\(file.path) has a different mode than the published file"
            }
            guard !isQuick else { continue }
            guard try Archive.digest(ofFile: path + "/" + file.path, on: files) == file.sha256
            else { return "\(file.path) has different content than the published file" }
        }
        return nil
    }
}
