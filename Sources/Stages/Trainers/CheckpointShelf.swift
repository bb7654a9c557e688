import Files
import Foundation
import Glibc

/// The work directory of a stage that runs an engine:
///
///     attempt-N.partial/   the files of one attempt; the engine writes its checkpoints to `out` in it
///     checkpoint-STEP/     complete checkpoints, which no engine writes to
///
/// Each attempt has a directory of its own, because processes of an earlier one may still write on another machine. A
/// checkpoint that is complete becomes a directory of links to its files, which the engine then loses, so nothing changes them any more: they may have
/// other names elsewhere.
package struct CheckpointShelf {
    private let work: String
    private let processes: Int

    /// The number of checkpoints that are kept.
    static let kept = 2

    package init(work: String, processes: Int) {
        self.work = work
        self.processes = processes
    }

    /// The newest complete checkpoint.
    package var newest: TrainerCheckpoint? {
        TrainerCheckpoint.all(in: work).last { $0.flaw(processes: processes) == nil }
    }

    /// The directory of a checkpoint that was taken over.
    func path(of step: Int) -> String { "\(work)/\(TrainerCheckpoint.name(step))" }

    /// The directory where the engine of an attempt writes checkpoints.
    package static func output(of attempt: String) -> String { attempt + "/out" }

    private var attempts: [String] {
        FileNames.all(in: work).filter { $0.hasPrefix("attempt-") && $0.hasSuffix(".partial") }
    }

    /// Makes the directory of a new attempt, after complete checkpoints of earlier ones were taken over and everything
    /// else of them was removed. Returns the directory, and the checkpoints that cannot be used, with the reasons.
    package func begin() throws -> (
        attempt: String, damaged: [(checkpoint: TrainerCheckpoint, reason: String)]
    ) {
        var damaged: [(TrainerCheckpoint, String)] = []
        for checkpoint in TrainerCheckpoint.all(in: work) {
            guard let reason = checkpoint.flaw(processes: processes) else { continue }
            damaged.append((checkpoint, reason))
            try Self.remove(checkpoint.path)
        }
        for attempt in attempts {
            for checkpoint in TrainerCheckpoint.all(in: Self.output(of: "\(work)/\(attempt)")) {
                if let reason = try take(checkpoint) { damaged.append((checkpoint, reason)) }
            }
        }
        try trim()
        let last = attempts.compactMap { Int($0.dropFirst("attempt-".count).dropLast(8)) }.max()
        for attempt in attempts { try Self.remove("\(work)/\(attempt)") }
        let attempt = "\(work)/attempt-\((last ?? 0) + 1).partial"
        try Self.make(Self.output(of: attempt))
        let steps = Set(TrainerCheckpoint.all(in: work).map(\.step))
        return (attempt, damaged.filter { !steps.contains($0.0.step) })
    }

    /// Takes over a checkpoint of an engine, unless one of this step is there. Returns the reason if it cannot be used.
    package func take(_ checkpoint: TrainerCheckpoint) throws -> String? {
        let place = path(of: checkpoint.step)
        guard FileStamp(of: place) == nil else { return nil }
        if let flaw = checkpoint.flaw(processes: processes) { return flaw }
        let partial = place + DurableFile.partialSuffix
        try Self.remove(partial)
        try Self.link(checkpoint.path, to: partial)
        // The engine may have begun to remove it in the meantime.
        let copy = TrainerCheckpoint(path: partial, step: checkpoint.step)
        if let flaw = copy.flaw(processes: processes) {
            try Self.remove(partial)
            return flaw
        }
        guard rename(partial, place) == 0 else { throw Self.failure(place) }
        try leave(checkpoint)
        return nil
    }

    /// Takes the names of the files away from the engine. One that saves a step again, because it is stopped at that
    /// moment, would write to the files of this directory otherwise.
    private func leave(_ checkpoint: TrainerCheckpoint) throws {
        let leaving = checkpoint.path + DurableFile.partialSuffix
        guard rename(checkpoint.path, leaving) == 0 else {
            if errno == ENOENT { return }
            throw Self.failure(checkpoint.path)
        }
        do {
            try Self.remove(leaving)
        } catch {
            // The engine has one of the files open on a network file system. The next attempt removes it.
        }
    }

    /// Removes all but the newest checkpoints.
    package func trim() throws {
        for checkpoint in TrainerCheckpoint.all(in: work).dropLast(Self.kept) {
            try Self.remove(checkpoint.path)
        }
    }

    // MARK: Files

    /// Removes a directory. It loses its name first, so that no part of it is taken for the whole.
    private static func remove(_ path: String) throws {
        var path = path
        if !path.hasSuffix(DurableFile.partialSuffix) {
            let removed = path + DurableFile.partialSuffix
            if FileStamp(of: removed) != nil { try FileManager.default.removeItem(atPath: removed) }
            guard rename(path, removed) == 0 else { throw failure(path) }
            path = removed
        }
        guard FileStamp(of: path) != nil else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw EngineError.unwritable(path, reason: error.localizedDescription)
        }
    }

    static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw EngineError.unwritable(path, reason: error.localizedDescription)
        }
    }

    /// Writes a file as a whole, and returns its path.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) throws -> String {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw EngineError.unwritable(path, reason: error.localizedDescription)
        }
        return path
    }

    /// Makes a directory with links to the files of another one, or copies where the file system has no links. Files
    /// that vanish in the meantime are left out.
    private static func link(_ source: String, to target: String) throws {
        try make(target)
        for name in FileNames.all(in: source) {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            var status = stat()
            guard stat(from, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try link(from, to: to)
            } else {
                try linkFile(from, to: to)
            }
        }
    }

    /// Makes another name of a file, or a copy.
    static func linkFile(_ source: String, to target: String) throws {
        if Glibc.link(source, target) == 0 || errno == ENOENT { return }
        do {
            try FileManager.default.copyItem(atPath: source, toPath: target)
        } catch {
            throw EngineError.unwritable(target, reason: error.localizedDescription)
        }
    }

    private static func failure(_ path: String) -> EngineError {
        .unwritable(path, reason: String(cString: strerror(errno)))
    }
}
