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

    package var work: String { path + "/work" }
    package var events: String { path + "/events.jsonl" }
    package var log: String { path + "/log.txt" }
    package var interruption: String { path + "/interrupted.json" }

    package func output(_ name: String) -> String { "\(path)/out/\(name)" }

    package init(path: String) { self.path = path }

    /// The node that runs it, which its name tells: `000001-HOST-PID-RANDOM`.
    package var host: String? {
        let parts = FilePath.name(path).split(separator: "-", omittingEmptySubsequences: false)
        return parts.count < 4 ? nil : parts[1..<(parts.count - 2)].joined(separator: "-")
    }

    /// The names of the starts in the directory of a stage, oldest first.
    package static func all(in directory: String) -> [TaskStart] {
        let names = (try? DirectoryTree.names(in: directory + "/starts")) ?? []
        return names.sorted().map { TaskStart(path: "\(directory)/starts/\($0)") }
    }

    /// Makes the directory of a new start, with the checkpoints of the latest earlier one.
    package init(in directory: String, host: String) throws {
        try DirectoryTree.make(directory + "/starts")
        let earlier = Self.all(in: directory)
        let last =
            earlier.last.flatMap { Int(($0.path as NSString).lastPathComponent.prefix(6)) } ?? 0
        let number = String(last + 1)
        let name =
            String(repeating: "0", count: max(0, 6 - number.count)) + number
            + "-\(host)-\(getpid())-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        path = "\(directory)/starts/\(name)"
        try DirectoryTree.make(path)
        try DirectoryTree.make(path + "/out")
        try takeOver(earlier)
    }

    /// Copies the files of the latest start that has any. A start that still runs may write in the meantime: its
    /// checkpoints are complete files at any time.
    private func takeOver(_ earlier: [TaskStart]) throws {
        let partial = path + "/work.partial"
        if let source = earlier.last(where: { access($0.work, F_OK) == 0 }) {
            try DirectoryTree.make(partial)
            for name in try DirectoryTree.names(in: source.work)
            where name != "lock" && name != "log.txt" && !name.hasSuffix(".partial") {
                do {
                    try FileManager.default.copyItem(
                        atPath: source.work + "/" + name, toPath: partial + "/" + name)
                } catch {
                    // A file that was removed in the meantime.
                    guard access(source.work + "/" + name, F_OK) != 0 else { throw error }
                }
            }
        } else {
            try DirectoryTree.make(partial)
        }
        guard rename(partial, work) == 0 else {
            throw WorkerError.file(path: work, reason: String(cString: strerror(errno)))
        }
    }
}
