import Files
import Foundation
import GRDB
import Pipeline
import Synchronization

extension Store {
    /// Verifies the store in `directory` without changing it. An unreadable database is a finding, not an error; the
    /// archives are then compared only with their names.
    package static func verify(
        directory: String, _ options: Verification.Options,
        files: any FileSystem = LocalFileSystem()
    ) async throws -> Verification {
        let layout = StoreLayout(FilePath.absolute(directory))
        guard FileManager.default.fileExists(atPath: layout.database) else {
            throw StoreError.missing(directory: layout.directory)
        }
        try layout.check(.readOnly)
        var result = VerificationResult()
        var jobs: [VerificationJob]
        do {
            (jobs, result.damages) = try Self.jobs(layout, options, on: files)
        } catch let error where Self.isUnreadable(error) {
            result.damages.insert(
                .unreadable(path: layout.database, problem: Self.description(of: error)))
            jobs = VerificationJob.all(layout, nil, on: files)
        }
        let isReadable = result.damages.isEmpty
        let list = VerificationJobs(jobs)
        let parts = await withTaskGroup(of: VerificationResult.self) { group in
            for _ in 0..<min(options.threads, max(1, jobs.count)) {
                group.addTask {
                    VerificationWorker(layout: layout, options: options, files: files).work(
                        on: list, isReadable: isReadable)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for part in parts { result.merge(part) }
        if isReadable {
            let worker = VerificationWorker(layout: layout, options: options, files: files)
            result.merge(worker.conclude(result))
            result.damages.subtract(worker.outdated(result.damages))
        }
        return try result.verification(layout)
    }

    /// The parts to verify. If the pages of the database are damaged, none of its values can be trusted.
    private static func jobs(
        _ layout: StoreLayout, _ options: Verification.Options, on files: any FileSystem
    ) throws -> ([VerificationJob], Set<Corruption>) {
        let queue = try reader(layout, configuration: configuration())
        return try explained(layout) {
            let problems = try queue.read { try DatabaseCheck.pages($0, isQuick: options.isQuick) }
            guard problems.isEmpty else {
                let damages = problems.map {
                    Corruption.database(path: layout.database, problem: $0)
                }
                return (VerificationJob.all(layout, nil, on: files), Set(damages))
            }
            try Schema.checkReadable(queue, layout)
            let artifacts = try queue.read(StoredArtifact.all)
            try queue.close()
            return (VerificationJob.all(layout, artifacts, on: files), [])
        }
    }

    /// Whether the error is caused by the database, and not by its version or the system.
    private static func isUnreadable(_ error: any Error) -> Bool {
        switch error {
        case is DatabaseError, is RowDecodingError: true
        case StoreError.database, StoreError.foreign: true
        default: false
        }
    }

    static func description(of error: any Error) -> String {
        switch error {
        case let error as DatabaseError:
            error.message ?? "SQLite error \(error.resultCode.rawValue)"
        case StoreError.database(_, let problem):
            // Only the message of SQLite, without the error number and the statement that GRDB adds.
            String(
                (problem.components(separatedBy: " - while executing").first ?? problem)
                    .trimmingPrefix(#/SQLite error \d+: /#))
        case StoreError.corrupt(_, _, let problem): problem
        case StoreError.foreign(_, let reason): reason
        default: "\(error)"
        }
    }
}

/// The jobs that the workers share. A class, because they take them from one list.
final class VerificationJobs: Sendable {
    private let jobs: [VerificationJob]
    private let next = Atomic(0)

    init(_ jobs: [VerificationJob]) { self.jobs = jobs }

    /// The next job; `nil` if none is left.
    func take() -> VerificationJob? {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return place < jobs.count ? jobs[place] : nil
    }
}
