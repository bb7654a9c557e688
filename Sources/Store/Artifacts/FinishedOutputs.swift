import Foundation
import JSON

/// The outputs of a finished attempt that could not be published, because the disk was full or the database locked. The
/// next attempt publishes them instead of repeating the work. They are valid as long as no file changes and the machine
/// is not restarted, because they may not have been synchronized to disk.
package struct FinishedOutputs: Codable, Hashable, Sendable {
    /// The name of the attempt directory in the work directory.
    private let name: String
    private let boot: String
    private let evidence: String
    private let cpuSeconds: Double
    private let peakMemory: Int

    package var usage: Usage { Usage(cpuSeconds: cpuSeconds, peakMemory: peakMemory) }

    /// Marks the outputs in the attempt directory `directory` for later publication.
    package static func keep(_ directory: String, usage: Usage, identity: HostClock.Identity) throws
    {
        let path = directory as NSString
        let outputs = FinishedOutputs(
            name: path.lastPathComponent, boot: identity.boot, evidence: evidence(of: directory),
            cpuSeconds: usage.cpuSeconds, peakMemory: usage.peakMemory)
        try Data(JSONLine.encode(outputs)).write(
            to: URL(fileURLWithPath: file(in: path.deletingLastPathComponent)), options: .atomic)
    }

    /// The unpublished outputs in a work directory, and their attempt directory.
    package static func waiting(
        in work: String, identity: HostClock.Identity
    ) -> (outputs: FinishedOutputs, directory: String)? {
        guard let outputs = read(work) else { return nil }
        let directory = work + "/" + outputs.name
        guard outputs.boot == identity.boot, outputs.evidence == evidence(of: directory) else {
            return nil
        }
        return (outputs, directory)
    }

    /// The name of the attempt directory with unpublished outputs in `work`.
    static func directory(in work: String) -> String? { read(work)?.name }

    /// Removes the mark of unpublished outputs, because an attempt repeats the work.
    package static func forget(in work: String) throws {
        if unlink(file(in: work)) != 0, errno != ENOENT {
            throw StoreError.file(operation: "remove", path: file(in: work), code: errno)
        }
    }

    private static func file(in work: String) -> String { work + "/finished.json" }

    private static func read(_ work: String) -> FinishedOutputs? {
        FileManager.default.contents(atPath: file(in: work)).flatMap { data in
            data.withUnsafeBytes { JSONLine.decode(FinishedOutputs.self, $0) }
        }
    }

    private static func evidence(of directory: String) -> String {
        FileEvidence([(FileEvidence.Place(directory), FileTree(directory))]).digest.hex
    }
}
