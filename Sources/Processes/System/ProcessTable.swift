import Files
import Foundation
import Glibc

/// A snapshot of the processes of this machine.
package struct ProcessTable: Sendable {
    package let records: [ProcessRecord]

    package init(_ records: [ProcessRecord]) { self.records = records }

    /// Reads `/proc`, which takes a few microseconds per process.
    package static func current() -> ProcessTable {
        ProcessTable(numbers().compactMap { record(of: $0) })
    }

    /// The record of one process.
    package static func record(of pid: Int32) -> ProcessRecord? {
        ProcessFile.text("/proc/\(pid)/stat").flatMap {
            ProcessRecord(line: $0, pageSize: Int(getpagesize()))
        }
    }

    /// The descendants of a process, except for those that have ended.
    package func descendants(of pid: Int32) -> [ProcessRecord] {
        let children = Dictionary(grouping: records, by: \.parent)
        var found: [ProcessRecord] = []
        // Records are not read at one instant, so their parents may form a cycle.
        var seen: Set = [pid]
        var rest = [pid]
        while let parent = rest.popLast() {
            let new = (children[parent] ?? []).filter { seen.insert($0.pid).inserted }
            found += new
            rest += new.map(\.pid)
        }
        return found.filter { !$0.isOver }
    }

    /// The memory of a process and its descendants in bytes. Shared memory is counted once per process as long as the
    /// sum is below `limit`; above it, proportional shares are read, which takes longer.
    package static func memory(of pid: Int32, limit: Int) -> Int {
        let table = current()
        let tree = table.records.filter { $0.pid == pid } + table.descendants(of: pid)
        let most = tree.reduce(0) { $0 + $1.memory }
        guard most > limit else { return most }
        return tree.reduce(0) { $0 + (proportionalMemory(of: $1.pid) ?? $1.memory) }
    }

    /// The processes whose environment has `variable` with `value`.
    package static func marked(_ variable: String, _ value: String) -> [Int32] {
        let mark = Array("\(variable)=\(value)".utf8)
        return numbers().filter { pid in
            guard let environment = ProcessFile.bytes("/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
        }
    }

    /// The command line of a process; empty if it cannot be read.
    package static func command(of pid: Int32) -> String {
        let bytes = ProcessFile.bytes("/proc/\(pid)/cmdline") ?? []
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.joined(separator: " ")
    }

    private static func numbers() -> [Int32] {
        do {
            return try OpenDirectory("/proc").names().compactMap { Int32($0) }
        } catch {
            return []
        }
    }

    /// The proportional memory, in which each page is divided by the number of processes that share it; for a process
    /// that this one may not inspect, its anonymous memory.
    private static func proportionalMemory(of pid: Int32) -> Int? {
        amount("Pss:", in: "/proc/\(pid)/smaps_rollup")
            ?? amount("RssAnon:", in: "/proc/\(pid)/status")
    }

    private static func amount(_ name: String, in path: String) -> Int? {
        guard let text = ProcessFile.text(path),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let kilobytes = Int(line.dropFirst(name.count).filter(\.isNumber)), kilobytes < 1 << 50
        else { return nil }
        return kilobytes * 1024
    }
}
