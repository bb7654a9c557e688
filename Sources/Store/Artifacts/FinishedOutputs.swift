import Foundation

/// The outputs of an attempt that finished and could not be published, because the disk was full or the
/// database locked: the next attempt publishes them instead of doing the work again. They count for as long as
/// every file is as it was, and no longer than the machine runs, for they may not have reached the disk.
package struct FinishedOutputs: Codable, Hashable, Sendable {
    /// The directory of the attempt, below the work directory.
    private let name: String
    private let boot: String
    private let evidence: String
    private let cpuSeconds: Double
    private let peakMemory: Int

    package var usage: Usage { Usage(cpuSeconds: cpuSeconds, peakMemory: peakMemory) }

    /// Keeps the outputs in `directory`, an attempt's.
    package static func keep(_ directory: String, usage: Usage, identity: HostClock.Identity) throws
    {
        let path = directory as NSString
        let outputs = FinishedOutputs(
            name: path.lastPathComponent, boot: identity.boot, evidence: evidence(of: directory),
            cpuSeconds: usage.cpuSeconds, peakMemory: usage.peakMemory)
        try JSONEncoder().encode(outputs).write(
            to: URL(fileURLWithPath: file(in: path.deletingLastPathComponent)), options: .atomic)
    }

    /// The outputs that wait in a work directory, and the attempt's directory.
    package static func waiting(
        in work: String, identity: HostClock.Identity
    ) throws -> (outputs: FinishedOutputs, directory: String)? {
        guard let outputs = try read(work) else { return nil }
        let directory = work + "/" + outputs.name
        guard outputs.boot == identity.boot, outputs.evidence == evidence(of: directory) else {
            return nil
        }
        return (outputs, directory)
    }

    /// The name of the attempt's directory whose outputs wait in `work`.
    static func directory(in work: String) throws -> String? { try read(work)?.name }

    /// Forgets outputs that wait: an attempt does the work again.
    package static func forget(in work: String) throws {
        if unlink(file(in: work)) != 0, errno != ENOENT {
            throw StoreError.file(operation: "remove", path: file(in: work), code: errno)
        }
    }

    private static func file(in work: String) -> String { work + "/finished.json" }

    private static func read(_ work: String) throws -> FinishedOutputs? {
        guard let data = FileManager.default.contents(atPath: file(in: work)) else { return nil }
        do {
            return try JSONDecoder().decode(FinishedOutputs.self, from: data)
        } catch is DecodingError {
            return nil
        }
    }

    private static func evidence(of directory: String) -> String {
        FileEvidence([(FileEvidence.Place(directory), FileTree(directory))]).digest.hex
    }
}
