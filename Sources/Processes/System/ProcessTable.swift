import Foundation
import Glibc

/// The processes of this machine at one moment.
package struct ProcessTable: Sendable {
    package let records: [ProcessRecord]

    package init(_ records: [ProcessRecord]) { self.records = records }

    /// Reads `/proc`: some microseconds a process.
    package static func current() -> ProcessTable {
        ProcessTable(numbers().compactMap { record(of: $0) })
    }

    /// The record of one process.
    package static func record(of pid: Int32) -> ProcessRecord? {
        ProcessFile.text("/proc/\(pid)/stat").flatMap {
            ProcessRecord(line: $0, pageSize: Int(getpagesize()))
        }
    }

    /// Those that a process started, and those that these did, without the ones that have ended.
    package func descendants(of pid: Int32) -> [ProcessRecord] {
        let children = Dictionary(grouping: records, by: \.parent)
        var found: [ProcessRecord] = []
        // Records that are not of one moment may go round in a circle.
        var seen: Set = [pid]
        var rest = [pid]
        while let parent = rest.popLast() {
            let new = (children[parent] ?? []).filter { seen.insert($0.pid).inserted }
            found += new
            rest += new.map(\.pid)
        }
        return found.filter { !$0.isOver }
    }

    /// Memory of a process and its descendants in bytes. What they share is counted for each only while
    /// the sum is below `limit`: above it the exact shares are asked for, which takes longer.
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

    /// How a process was started, in one line; empty if it cannot be told.
    package static func command(of pid: Int32) -> String {
        let bytes = ProcessFile.bytes("/proc/\(pid)/cmdline") ?? []
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.joined(separator: " ")
    }

    private static func numbers() -> [Int32] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var numbers: [Int32] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int32(name) { numbers.append(number) }
        }
        return numbers
    }

    /// Each page divided by the number of processes that have it; of a process that is closed to us, the pages
    /// that no file backs.
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
