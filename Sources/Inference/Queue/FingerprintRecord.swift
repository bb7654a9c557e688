import Files
import Foundation
import JSON

/// The fingerprints of the servers whose answers are part of the result of a stage, in a file, so that those of earlier
/// attempts stay known. An actor, because answers arrive concurrently.
package actor FingerprintRecord {
    private struct Contents: Codable {
        let fingerprints: [String]
    }

    private let path: String
    private let report: @Sendable ([String]) -> Void
    private var all: Set<String>

    /// Reads the file at `path`, if there is one. `report` receives all fingerprints, sorted, whenever there is a new one.
    package init(_ path: String, report: @escaping @Sendable ([String]) -> Void) {
        self.path = path
        self.report = report
        let data = FileManager.default.contents(atPath: path) ?? Data()
        let contents = data.withUnsafeBytes { JSONLine.decode(Contents.self, $0) }
        all = Set(contents?.fingerprints ?? [])
    }

    /// Adds those that the probe of this attempt has found, of which there may be none, and reports.
    package func begin(with found: [String]) throws(InferenceError) {
        try save(all.union(found))
        report(all.sorted())
    }

    /// Adds that of an answer.
    func add(_ fingerprint: String) throws(InferenceError) {
        guard !all.contains(fingerprint) else { return }
        try save(all.union([fingerprint]))
        report(all.sorted())
    }

    private func save(_ fingerprints: Set<String>) throws(InferenceError) {
        do {
            let file = try DurableFile(path)
            let contents = Contents(fingerprints: fingerprints.sorted())
            try JSONLine.encode(contents).withUnsafeBytes { try file.append($0) }
            try file.finish()
        } catch let error as POSIXError {
            throw .unwritableJournal(path, reason: error.reason)
        } catch {
            throw .unwritableJournal(path, reason: "\(error)")
        }
        all = fingerprints
    }
}
