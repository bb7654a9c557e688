import Files
import Foundation
import GRDB
import Pipeline

/// Runs verification jobs one after another, on a database connection of its own.
struct VerificationWorker {
    let layout: StoreLayout
    let options: Verification.Options
    let files: any FileSystem

    /// Runs jobs until none is left; without the database if it is damaged.
    func work(on jobs: VerificationJobs, isReadable: Bool) -> VerificationResult {
        var result = VerificationResult()
        guard isReadable else {
            while let job = jobs.take() { blindly(job, &result) }
            return result
        }
        do {
            let queue = try Store.reader(layout, configuration: Store.configuration())
            try queue.read { database in
                let records = try RecordCheck(database, on: files)
                while let job = jobs.take() {
                    do {
                        try work(on: job, database, records, &result)
                    } catch let error as DatabaseError {
                        result.damages.insert(
                            .database(path: layout.database, problem: Store.description(of: error)))
                    } catch let error as StoreError {
                        result.damages.insert(damage(by: error))
                    }
                }
            }
        } catch {
            result.damages.insert(
                .unreadable(path: layout.database, problem: Store.description(of: error)))
            while let job = jobs.take() { blindly(job, &result) }
        }
        return result
    }

    private func damage(by error: StoreError) -> Corruption {
        switch error {
        case .corrupt(let artifact, let object, let problem):
            .archive(artifact: artifact, path: object, problem: problem)
        case .file(_, let path, let code):
            .stray(path: "\(path) (\(String(cString: strerror(code))))")
        default: .database(path: layout.database, problem: "\(error)")
        }
    }

    private func work(
        on job: VerificationJob, _ database: Database, _ records: RecordCheck,
        _ result: inout VerificationResult
    ) throws {
        switch job {
        case .database:
            try DatabaseCheck(database: database, layout: layout, options: options)
                .check(&result)
        case .artifact(let artifact):
            try ArtifactCheck(
                artifact: artifact, layout: layout, options: options, files: files
            )
            .check(database, records, &result)
        case .cache(let digest, let path):
            try CacheCheck(artifact: digest, path: path, isQuick: options.isQuick, files: files)
                .check(database, &result)
        case .unknown, .alone, .stray, .leftover: blindly(job, &result)
        }
    }

    /// Verifies a part without the database.
    private func blindly(_ job: VerificationJob, _ result: inout VerificationResult) {
        switch job {
        case .database, .artifact, .cache: return
        case .leftover(let path): result.leftovers.append(path)
        case .stray(let path): result.damages.insert(.stray(path: path))
        case .unknown(let path, let digest):
            if scan(path, digest) != nil {
                result.leftovers.append(path)
            } else {
                result.damages.insert(.stray(path: path))
            }
        case .alone(let path, let digest):
            guard let scan = scan(path, digest) else {
                result.damages.insert(
                    .archive(
                        artifact: digest, path: path, problem: "its contents do not match its name"
                    ))
                return
            }
            result.artifacts += 1
            result.files += scan.contents.files.count
            result.bytes += scan.contents.bytes
            result.archiveBytes += scan.archiveBytes
        }
    }

    /// The contents of an archive; `nil` if they do not match its name.
    private func scan(_ path: String, _ digest: Digest) -> ArchiveScan? {
        let size = files.size(path) ?? 0
        do {
            let scan = try ArchiveScan(
                path, artifact: digest,
                limits: .init(
                    files: 1 << 22, directories: 1 << 22, bytes: max(1 << 30, size * 100_000)),
                on: files)
            return scan.contents.digest == digest ? scan : nil
        } catch {
            return nil
        }
    }

    /// Missing archives of artifacts that were removed in the meantime.
    func outdated(_ damages: Set<Corruption>) -> Set<Corruption> {
        do {
            let queue = try Store.reader(layout, configuration: Store.configuration())
            return try queue.read { database in
                try damages.filter { damage in
                    guard case .missing(let artifact, _) = damage else { return false }
                    return try !Store.isKnown(artifact, database)
                }
            }
        } catch {
            return []
        }
    }

    /// Findings that require that all archives were read: questions that are in none of them.
    func conclude(_ all: VerificationResult) -> VerificationResult {
        var result = VerificationResult()
        guard !options.isQuick else { return result }
        do {
            let queue = try Store.reader(layout, configuration: Store.configuration())
            try queue.read { database in
                let used = try String.fetchAll(
                    database, sql: "SELECT DISTINCT question FROM question_use")
                for id in used where !all.questions.contains(id) {
                    let artifacts = try String.fetchAll(
                        database,
                        sql: """
                            SELECT artifact FROM question_use JOIN execution_output
                                ON execution_output.execution = question_use.execution
                                AND execution_output.name = question_use.output
                            WHERE question = ?
                            """, arguments: [id])
                    let isKnown = artifacts.compactMap { Digest(hex: $0) }
                        .allSatisfy(all.sound.contains)
                    if isKnown {
                        result.damages.insert(
                            .question(id: id, problem: "no archive contains it in this form"))
                    }
                }
            }
        } catch {
            result.damages.insert(
                .database(path: layout.database, problem: Store.description(of: error)))
        }
        return result
    }
}
