import Foundation
import Glibc
import Processes
import TestSupport
import Testing

import Execution

@Suite("Locks of work directories", .timeLimit(.minutes(10)))
final class WorkLockTests {
    private let temporary: TemporaryDirectory
    private var directory: String { temporary.path }

    init() throws {
        temporary = try TemporaryDirectory()
    }

    private let own = LockOwner.current(environment: [:])

    private func started(_ script: String) throws -> ChildProcess {
        try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"], errorFile: "/dev/null"))
    }

    private func write(_ holder: LockOwner) throws {
        try holder.text.write(toFile: directory + "/lock", atomically: false, encoding: .utf8)
    }

    @Test("A process that is named but does not hold the lock is left alone")
    func unrelated() async throws {
        let child = try started("echo here; read line; echo lives")
        var lines = child.events.makeAsyncIterator()
        #expect(await lines.next() == .line("here"))
        let start = try #require(ProcessTable.record(of: child.pid)?.start)
        try write(LockOwner(pid: child.pid, start: start, boot: own.boot, mark: ""))
        let lock = try WorkLock(directory: directory, holder: own)
        #expect(child.send("go\n"))
        #expect(await lines.next() == .line("lives"))
        lock.release()
    }

    @Test("A process that is named and holds the lock is ended")
    func holder() async throws {
        let child = try started("exec 9> \(directory)/lock; flock 9; echo here; read line")
        var lines = child.events.makeAsyncIterator()
        #expect(await lines.next() == .line("here"))
        // `flock` is a program of its own: the lock is that of a process that has ended.
        let lock = open(directory + "/lock", O_RDONLY)
        defer { close(lock) }
        #expect(!FileLocks.holds(getpid(), lock))
        child.kill()
        try WorkLock(directory: directory, holder: own).release()
    }

    @Test("A holder that cannot be ended is named after a while")
    func foreign() throws {
        let held = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(held) }
        try #require(flock(held, LOCK_EX) == 0)
        #expect(FileLocks.holds(getpid(), held))
        try write(LockOwner(pid: 77, start: 1, boot: "another", mark: ""))
        #expect {
            _ = try WorkLock(
                directory: self.directory, holder: self.own, patience: .milliseconds(50))
        } throws: { error in
            "\(error)".hasPrefix(
                "\(self.directory)/lock is locked by process 77, which runs elsewhere")
        }
    }

    @Test("Locks are distinguished by kind and inode, and malformed lines are skipped")
    func table() {
        let locks = """
            1: FLOCK  ADVISORY  WRITE 12 fe:00:345 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 13 fe:00:345 0 EOF
            2: POSIX  ADVISORY  READ 14 fe:00:345 128 128
            3: FLOCK  ADVISORY  WRITE -1 fe:00:346 0 EOF
            4: FLOCK ADVISORY WRITE 99999999999999 fe:00:345 0 EOF
            5: FLOCK ADVISORY WRITE 15 ::
            6: FLOCK
            """
        #expect(FileLocks.holders(ofInode: 345, in: locks) == [12])
        #expect(FileLocks.holders(ofInode: 346, in: locks) == [-1])
        #expect(FileLocks.holders(ofInode: 1, in: "") == [])
    }
}
