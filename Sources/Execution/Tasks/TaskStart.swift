import Files
import Foundation
import Glibc

/// The directory of one start of an attempt. Two starts of one attempt may run at the same time: after a network
/// failure, a batch system starts a job again while the first copy still runs. Each has files of its own.
///
///     work/         checkpoints and `metrics.jsonl`
///     out/NAME/     the outputs
///     events.jsonl  what the worker reported
///     log.txt       the log
///     result.json   the end, which is published by a link
package struct TaskStart: Hashable, Sendable {
    package let path: String

    private static let resultName = "result.json"

    package var work: String { path + "/work" }
    package var events: String { path + "/events.jsonl" }
    package var log: String { path + "/log.txt" }
    package var result: String { path + "/" + Self.resultName }
    package var interruption: String { path + "/interrupted.json" }

    package func output(_ name: String) -> String { "\(path)/out/\(name)" }

    package init(path: String) { self.path = path }

    /// The node that runs it, which its name tells: `000001-HOST-PID-RANDOM`.
    package var host: String? {
        let parts = FilePath.name(path).split(separator: "-", omittingEmptySubsequences: false)
        return parts.count < 4 ? nil : parts[1..<(parts.count - 2)].joined(separator: "-")
    }

    /// The starts in the directory of a stage, oldest first.
    package static func all(in directory: String) throws(SharedFileError) -> [TaskStart] {
        let path = directory + "/starts"
        let names: [String]
        do throws(POSIXError) {
            names = try OpenDirectory(path).names()
        } catch {
            if error.code == .ENOENT { return [] }
            throw .unreadable(path, reason: error.reason)
        }
        return names.compactMap { name in number(of: name).map { ($0, name) } }.sorted(by: <)
            .map { TaskStart(path: "\(path)/\($0.1)") }
    }

    /// The number at the start of the name of a start; `nil` for other names.
    private static func number(of name: String) -> Int? {
        let digits = name.prefix { $0 != "-" }
        guard (6...9).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return Int(digits)
    }

    /// Makes the directory of a new start, with the checkpoints of the latest earlier one.
    package init(in directory: String, host: String) throws {
        try DirectoryTree.make(directory + "/starts", mode: 0o700)
        let earlier = try Self.all(in: directory)
        let number = String((earlier.last?.number ?? 0) + 1)
        let name =
            String(repeating: "0", count: max(0, 6 - number.count)) + number
            + "-\(host)-\(getpid())-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        path = "\(directory)/starts/\(name)"
        try DirectoryTree.make(path, mode: 0o700)
        try DirectoryTree.make(path + "/out", mode: 0o700)
        try takeOver(earlier)
    }

    /// Removes the starts before this one, whose files may contain secrets. A copy of the task that still runs, because the
    /// batch system only took its node for dead, cannot publish any more: the directory of its result is gone. A start
    /// that has a result is kept, because the result may be published.
    func removeEarlier(in directory: String) throws {
        let starts = directory + "/starts/"
        for start in try Self.all(in: directory) where start.number < number {
            let leaving = starts + Self.leavingPrefix + FilePath.name(start.path)
            // Before the look for its result, so that no result can follow.
            guard rename(start.path, leaving) == 0 else {
                if errno == ENOENT { continue }
                throw SharedFileError.unwritable(start.path, reason: POSIXError.last.reason)
            }
            guard access(leaving + "/" + Self.resultName, F_OK) == 0 else { continue }
            guard rename(leaving, start.path) == 0 else {
                throw SharedFileError.unwritable(start.path, reason: POSIXError.last.reason)
            }
        }
        for name in try DirectoryTree.names(in: starts) where name.hasPrefix(Self.leavingPrefix) {
            do {
                try DirectoryTree.remove(starts + name)
            } catch {
                // A copy that still runs writes there. The next start removes it, or the end of the stage.
            }
        }
    }

    /// The number in its name: later starts have larger ones.
    private var number: Int { Self.number(of: FilePath.name(path)) ?? 0 }

    private static let leavingPrefix = "leaving-"

    /// Whether a name in a work directory is that of a checkpoint of an engine, `checkpoint-STEP`, which is renamed to it
    /// when it is complete.
    private static func isCheckpoint(_ name: String) -> Bool {
        let prefix = "checkpoint-"
        return name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
    }

    /// Copies the files of the latest start that has any. A start that still runs may write in the meantime: its
    /// checkpoints are complete files at any time. Those of training engines may have many gigabytes. They are linked:
    /// nothing writes to their files, and a start that removes one only removes its own name.
    private func takeOver(_ earlier: [TaskStart]) throws {
        let partial = path + "/work.partial"
        if let source = earlier.last(where: { access($0.work, F_OK) == 0 }) {
            try DirectoryTree.make(partial, mode: 0o700)
            for name in try DirectoryTree.names(in: source.work)
            where name != "lock" && name != "log.txt" && !name.hasSuffix(".partial") {
                try DirectoryTree.copy(
                    source.work + "/" + name, to: partial + "/" + name,
                    linksFiles: Self.isCheckpoint(name))
            }
        } else {
            try DirectoryTree.make(partial, mode: 0o700)
        }
        guard rename(partial, work) == 0 else {
            throw WorkerError.file(path: work, reason: String(cString: strerror(errno)))
        }
    }
}
