import Foundation
import Glibc
import Processes
import Testing

@Suite("Processes", .timeLimit(.minutes(10)))
struct ProcessTests {
    private func record(_ pid: Int32, of parent: Int32, pages: Int = 1, state: String = "S")
        -> ProcessRecord
    {
        let zeros = Array(repeating: "0", count: 17).joined(separator: " ")
        return ProcessRecord(
            line: "\(pid) (a) b (c)) \(state) \(parent) \(zeros) 777 0 \(pages) 0", pageSize: 4096)!
    }

    @Test("A line of the process table is read whatever the program is called")
    func record() {
        let record = record(12, of: 3, pages: 5)
        #expect(record.pid == 12 && record.parent == 3 && record.start == 777)
        #expect(record.memory == 20_480 && !record.isOver)
        #expect(ProcessRecord(line: "12 (a", pageSize: 1) == nil)
        #expect(ProcessRecord(line: "", pageSize: 1) == nil)
        #expect(ProcessRecord(line: ") 12 (", pageSize: 1) == nil)
    }

    @Test("Descendants are found through those that have ended, which do not count")
    func descendants() {
        let table = ProcessTable([
            record(1, of: 0), record(5, of: 1), record(6, of: 5, state: "Z"), record(7, of: 6),
            record(8, of: 1), record(9, of: 7),
        ])
        #expect(Set(table.descendants(of: 5).map(\.pid)) == [7, 9])
        #expect(table.descendants(of: 9).isEmpty)
    }

    @Test("Numbers that no process has, and records in a circle, are read too")
    func strange() {
        let zeros = Array(repeating: "0", count: 17).joined(separator: " ")
        let line = "5 (a) S 5 \(zeros) -1 0 \(Int.max) 0"
        #expect(ProcessRecord(line: line, pageSize: 4096)?.memory == 0)
        let table = ProcessTable([record(1, of: 2), record(2, of: 1), record(3, of: 3)])
        #expect(table.descendants(of: 1).map(\.pid) == [2])
        #expect(table.descendants(of: 3).isEmpty)
    }

    @Test("The table has this process")
    func current() throws {
        let own = try #require(ProcessTable.record(of: getpid()))
        #expect(own.parent == getppid() && own.memory > 1 << 20 && !own.isOver)
        #expect(ProcessTable.current().records.contains { $0.pid == own.pid })
        #expect(ProcessTable.memory(of: getpid(), limit: .max) >= own.memory / 2)
        // Above the limit the exact shares are summed, which are no larger.
        #expect(ProcessTable.memory(of: getpid(), limit: 0) > 1 << 20)
    }

    @Test("The processor time of a process grows, and a process that does not exist has none")
    func times() {
        let times = ProcessTimes(of: getpid())
        #expect(times.used > .zero && times.waited >= .zero)
        #expect(ProcessTimes(of: getpid()).used > times.used)
        // No system has as many.
        let none = ProcessTimes(of: 1 << 23)
        #expect(none.used == .zero && none.waited == .zero)
    }

    @Test("A group's limit holds below it, whichever kind of group it is")
    func limits() {
        let files = [
            "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "1000\n",
            "/sys/fs/cgroup/memory.max": "5000\n",
            "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "77\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        let unified = MachineMemory.limits(groups: "0::/a/b\n") { files[$0] }
        #expect(unified == [1000, 5000])
        let old = MachineMemory.limits(groups: "4:memory:/x\n3:cpu:/y\n") { files[$0] }
        #expect(old == [77, 9_223_372_036_854_771_712])
        #expect(MachineMemory.limits(groups: "0::/\n") { files[$0] } == [5000])
        #expect(MachineMemory.limits(groups: "nonsense\n") { files[$0] } == [])
        #expect(MachineMemory.total() > 1 << 28)
    }

    @Test("The kernel's count of out-of-memory kills is read")
    func kills() {
        #expect(MachineMemory.kills(in: "nr_free 3\noom_kill 12\nlast 1\n") == 12)
        #expect(MachineMemory.kills(in: "nr_free 3\n") == nil)
    }

    @Test(
        "The cause of a sudden end follows from the kernel's count of kills and the size of the process",
        arguments: [
            (Int32(9), 1, 3, 5, TerminationCause.outOfMemory, ": the machine was out of memory"),
            (9, 1, 1, 900, .probablyOutOfMemory, ": probably out of memory"),
            (9, 1, 1, 100, .unknown, ""), (11, 1, 3, 900, .unknown, ""),
        ])
    func suddenEnd(
        signal: Int32, before: Int, after: Int, peak: Int, expected: TerminationCause, words: String
    ) {
        let status = Processes.ExitStatus(
            outcome: .killed(signal: signal), cpuSeconds: 0, peakMemory: peak)
        let end = TerminationCause(of: status, kills: (before, after), memory: 1000)
        #expect(end == expected)
        #expect(end.text == words)
    }
}
