import Foundation
import GRDB
import Pipeline

/// Compares a directory of unpacked files with the artifact's rows.
struct CacheCheck {
    let artifact: Digest
    let path: String
    let isQuick: Bool
    let files: any FileSystem

    func check(_ database: Database, _ result: inout VerificationResult) throws {
        let contents = try ArtifactCheck.contents(of: artifact, database)
        guard contents.digest == artifact else { return }
        // It may go at any time, but not in parts.
        if let problem = problem(contents), files.exists(path) {
            result.damages.insert(.cache(path: path, problem: problem))
        }
    }

    private func problem(_ contents: ArtifactContents) -> String? {
        do {
            let found = try Archive.files(of: path, on: files).map(\.path)
            let expected = contents.files.map(\.path)
            if let file = Set(found).subtracting(expected).min() {
                return "\(file) does not belong to it"
            }
            if let file = Set(expected).subtracting(found).min() { return "\(file) is missing" }
            for file in contents.files {
                guard files.size(path + "/" + file.path) == file.bytes else {
                    return "\(file.path) has another size than was published"
                }
                guard !isQuick else { continue }
                guard try Archive.digest(ofFile: path + "/" + file.path, on: files) == file.sha256
                else {
                    return "\(file.path) has other content than was published"
                }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
