import Files
import Foundation
import GRDB
import JSON
import Pipeline

/// Compares a directory of unpacked files with the artifact's rows.
struct CacheCheck {
    let artifact: Digest
    let path: String
    let isQuick: Bool
    let files: any FileSystem

    func check(_ database: Database, _ result: inout VerificationResult) throws {
        let contents = try ArtifactContents(of: artifact, in: database)
        guard contents.digest == artifact else { return }
        // It may go at any time, but not in parts.
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

    /// When it was changed first, as far as times tell.
    private func since(_ contents: ArtifactContents) -> String {
        var earliest = Int.max
        var pending = [path]
        while let directory = pending.popLast() {
            let names = files.listing(directory).map { directory + "/" + $0 }
            for path in names + [directory] {
                guard let status = files.known(path) else { continue }
                // What was not written to is as old as all unpacked files are.
                let isTouched = status.stamp.modified != UnpackedArtifact.modified * 1_000_000_000
                if isTouched { earliest = min(earliest, status.stamp.modified) }
                if status.kind == .directory, path != directory { pending.append(path) }
            }
        }
        let seconds = earliest == .max ? 0 : Double(earliest) / 1e9
        return Timestamp.text(Date(timeIntervalSince1970: seconds))
    }

    /// How a directory differs from what was published; `nil` if it does not.
    static func problem(
        _ path: String, _ contents: ArtifactContents, isQuick: Bool, on files: any FileSystem
    ) throws(StoreError) -> String? {
        let found = try Archive.listing(of: path, on: files)
        let names = Set((found.files.map(\.path) + found.emptyDirectories).map { ExactText($0) })
        let expected = Set(
            (contents.files.map(\.path) + contents.emptyDirectories).map { ExactText($0) })
        if let file = names.subtracting(expected).min() {
            return "\(file.text) does not belong to it"
        }
        if let file = expected.subtracting(names).min() { return "\(file.text) is missing" }
        let modes = Dictionary(
            found.files.map { (ExactText($0.path), $0.isExecutable) },
            uniquingKeysWith: { first, _ in first })
        for file in contents.files {
            guard files.size(path + "/" + file.path) == file.bytes else {
                return "\(file.path) has another size than was published"
            }
            guard modes[ExactText(file.path)] == file.isExecutable else {
                return "\(file.path) has another mode than was published"
            }
            guard !isQuick else { continue }
            guard try Archive.digest(ofFile: path + "/" + file.path, on: files) == file.sha256
            else { return "\(file.path) has other content than was published" }
        }
        return nil
    }
}
