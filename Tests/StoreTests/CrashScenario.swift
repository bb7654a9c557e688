import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport

/// A store on a simulated disk, what was done with it, and what a crash at any moment may leave of it.
final class CrashScenario {
    /// A piece of work: what answers a key.
    struct Work {
        let key: Digest
        let outputs: [OutputDirectory]
        /// Rows that its records become.
        let records: Int

        init(_ name: String, _ outputs: [OutputDirectory], records: Int = 0) {
            key = Digest(of: name)
            self.outputs = outputs
            self.records = records
        }
    }

    /// Where databases lie: in memory if that can be, for they are synchronized thousands of times.
    static let parent =
        FileManager.default.isWritableFile(atPath: "/dev/shm")
        ? "/dev/shm" : FileManager.default.temporaryDirectory.path

    private let directory: String
    private let history: DatabaseHistory
    let files: SimulatedFileSystem
    let store: Store

    /// What `publish` said was done, and after which commits it must be there.
    private var acknowledged: [(wanted: Range<Int>, key: String, outputs: [String: String])] = []

    /// A store of its own, or one that lies on `disk` with this database. The machine was started
    /// `boot` times.
    init(
        disk: Disk = Disk(), database: DatabaseQueue? = nil, boot: Int = 1,
        mutant: SimulatedFileSystem.Mutant? = nil, later: TimeInterval = 0,
        resuming state: SimulatedFileSystem.State? = nil
    ) throws {
        let directory = Self.parent + "/vireo-crash-" + UUID().uuidString
        self.directory = directory
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        if let database {
            let copy = try DatabaseQueue(path: directory + "/vireo.db")
            try database.backup(to: copy)
            try copy.close()
        } else {
            try Store.open(directory: directory, mode: .readWrite).close()
        }
        let history = try DatabaseHistory(directory + "/vireo.db")
        self.history = history
        let now = Date(timeIntervalSince1970: 1_700_000_000 + later)
        files = SimulatedFileSystem(root: directory, disk: disk, mutant: mutant, now: now) {
            history.note($0)
        }
        if let state { files.resume(state) }
        store = try Store.open(
            directory: directory, mode: .readWrite, files: files, kernel: Self.kernel(boot),
            clock: { now })
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private static func kernel(_ boot: Int) -> HostClock {
        HostClock(
            identity: .init(
                host: "host", boot: "\(boot)", namespace: "", process: Int32(boot), start: boot),
            milliseconds: { 0 }, process: { Int($0) == boot ? .init(start: boot) : nil })
    }

    /// Publishes what is not there yet; returns the artifacts.
    @discardableResult
    func publish(_ work: Work, again: Bool = false) throws -> [String: Digest] {
        if !again, let finished = try store.finishedExecution(work.key), finished.isPresent {
            return finished.outputs
        }
        let id = try store.startExecution(
            key: work.key, document: "{}", kind: "test", inputs: []
        ).id
        do {
            let outputs = try store.publish(id, outputs: work.outputs, usage: nil)
            acknowledged.append((commits - 1..<Int.max, work.key.hex, outputs.mapValues(\.hex)))
            return outputs
        } catch {
            try store.fail(id, error: "\(error)", usage: nil)
            throw error
        }
    }

    /// Begins an attempt, leaves a checkpoint and stops.
    func interrupt(_ work: Work) throws {
        let id = try store.startExecution(
            key: work.key, document: "{}", kind: "test", inputs: []
        ).id
        try store.appendMetrics(id, [.init(name: "loss", step: 1, value: 1)], checkpoint: 1)
        try store.cancel(id, usage: nil)
    }

    /// How many there were.
    private var commits: Int {
        _ = files.current
        return history.moments.count
    }

    /// Removes everything, for nothing here belongs to a run.
    func collect() throws {
        let now = commits
        for place in acknowledged.indices {
            acknowledged[place].wanted = acknowledged[place].wanted.clamped(to: 0..<now)
        }
        _ = try store.collect(Reclamation.Options())
    }

    /// The files of an artifact, as a stage would read them.
    func read(_ artifact: Digest) throws -> [String: [UInt8]] {
        let path = try store.unpacked(artifact)
        let prefix = String(path.dropFirst(directory.count + 1)) + "/"
        var found: [String: [UInt8]] = [:]
        for (name, bytes) in files.current.disk.files where name.hasPrefix(prefix) {
            found[String(name.dropFirst(prefix.count))] = bytes
        }
        return found
    }

    /// The states of the database after so many changes of files.
    func moments(_ changes: Int) -> [DatabaseHistory.Moment] { history.candidates(changes) }

    /// A moment at which the power may fail, and one of the disks it may leave.
    struct Crash {
        let changes: Int
        let disk: Disk
        let database: DatabaseQueue
        let violations: [String]
    }

    /// Crashes at every moment from `start` on, each of which looks different from all others.
    func crashes(
        from start: Int = 0, samples: Int, seed: UInt64, seen: inout Set<Int>,
        expecting works: [Work], _ body: (Crash) throws -> Void
    ) throws {
        let state = files.current
        var random = SeededRandom(seed: seed)
        for changes in start...state.log.count {
            let candidates = history.candidates(changes).map { ($0, $0.facts.hashValue) }
            for model in CrashModel.allCases {
                let disks = model.disks(
                    after: state.log[..<changes], samples: samples, random: &random)
                for disk in disks {
                    let disk = disk.visible
                    let look = disk.hashValue
                    for (moment, facts) in candidates {
                        var hasher = Hasher()
                        hasher.combine(look)
                        hasher.combine(facts)
                        guard seen.insert(hasher.finalize()).inserted else { continue }
                        try body(
                            Crash(
                                changes: changes, disk: disk, database: moment.database,
                                violations: violations(
                                    disk, moment, state.archives, works)))
                    }
                }
            }
        }
    }

    /// The promises that do not hold.
    private func violations(
        _ disk: Disk, _ moment: DatabaseHistory.Moment,
        _ archives: [String: [UInt8]], _ works: [Work]
    ) -> [String] {
        let facts = moment.facts
        var found: Set<String> = []
        let objects = disk.find("objects").map { disk.names($0) } ?? [:]
        for (digest, bytes) in facts.archives {
            let content = disk.content("objects/\(digest.prefix(2))/\(digest).tar.zst")
            if content == nil { found.insert("a row names a missing file") }
            if let content, content.count != bytes { found.insert("a row names a short file") }
        }
        for (shard, node) in objects where !shard.hasPrefix(".new-") {
            for (name, file) in disk.names(node) where disk.content(file) != archives[name] {
                found.insert("an archive's name is given to something else")
            }
        }
        let cache = disk.find("cache").map { disk.names($0) } ?? [:]
        for (name, node) in cache where !name.hasPrefix(".") {
            let unpacked = disk.names(node).compactMap { disk.content($0.value) }
            if unpacked.contains(where: { $0.contains(0) }) {
                found.insert("an unpacked file has lost content")
            }
        }
        for done in acknowledged where done.wanted.contains(moment.number) {
            // A later answer to the same key takes the place of this one.
            if facts.finished[done.key] == nil { found.insert("acknowledged work is gone") }
            for digest in done.outputs.values where facts.archives[digest] == nil {
                found.insert("an acknowledged artifact is gone")
            }
        }
        for work in works {
            let key = work.key.hex
            guard let outputs = facts.finished[key] else { continue }
            if Set(outputs.keys) != Set(work.outputs.map(\.name))
                || facts.records[key] != work.records
            {
                found.insert("finished work is half visible")
            }
        }
        if facts.strays > 0 { found.insert("unfinished work is visible") }
        return found.sorted()
    }
}
