import Foundation
import Stages
import Store
import Testing
import vireo

@Suite("The doctor", .timeLimit(.minutes(10)))
struct DoctorTests {
    @Test("A sound machine and an idle store are reported as healthy")
    func well() throws {
        let tool = try Tool()
        let bare = try tool.run("doctor")
        #expect(bare.output.contains("\nstore        not found\n"))
        #expect(bare.output.hasSuffix("\nNo problems found.\n"))
        #expect(bare.status == 0)
        try tool.write(
            "name: a\nstages:\n  q: { uses: ingest.countdown, with: { train: 4, test: 4 } }\n",
            to: "a.yaml")
        #expect(try tool.run("run", "a.yaml").status == 0)
        let result = try tool.run("doctor")
        #expect(result.output.contains("\nstore        .vireo\n"))
        #expect(result.output.contains("\nrunners      none\n"))
        #expect(result.output.hasSuffix("\nNo problems found.\n"))
        #expect(result.status == 0)
    }

    @Test("A killed runner is reported as a problem until the next run")
    func deadRunner() async throws {
        let tool = try Tool()
        try tool.write(
            """
            name: long
            stages:
              wait: { uses: command, with: { run: [sleep, "3000"], outputs: [made] } }
            """, to: "long.yaml")
        let ending = try await tool.run(
            ["run", tool.directory + "/long.yaml"], sending: SIGKILL, after: "wait: started")
        #expect(ending.status?.isSuccess == false)
        let result = try tool.run("doctor")
        #expect(
            result.output.contains(
                "terminated unexpectedly: run the pipeline again to resume\n"))
        #expect(result.output.hasPrefix("check "))
        #expect(result.status == 1)
        #expect(try tool.run("status").output.hasPrefix("Run 1 of long: interrupted"))
        #expect(try tool.run("runs", "--format", "csv").output.contains("long,interrupted,"))
    }

    @Test("Problems and remedies follow the table")
    func complaints() {
        let examination = DoctorReport([
            .init("cores", "2"),
            .sqlite("3.40.1", hasBug: true),
            .fileSystem("nfs", isShared: true),
            .space(12_300_000),
            .openFiles(64),
            .clock(Date(timeIntervalSince1970: 86_400), latest: nil),
            .clock(
                Date(timeIntervalSince1970: 1_800_000_000),
                latest: Date(timeIntervalSince1970: 1_800_000_100)),
            .runners(living: ["process 1 on a"], dead: ["process 2 on a"]),
            .leftovers(temporaries: 1, workDirectories: 2),
        ])
        #expect(!examination.isHealthy)
        #expect(
            examination.text == """
                check        result
                -----------  -------------------------------------  ---------------------------------------------------------------------------
                cores        2
                SQLite       3.40.1                                 has the WAL-reset bug; a lock around all writes and checkpoints prevents it
                file system  nfs                                    see below
                free space   12.3 MB                                see below
                open files   at most 64                             see below
                clock        1970-01-02 00:00:00 UTC                see below
                clock        2027-01-15 08:00:00 UTC                see below
                runners      process 1 on a                         see below
                leftovers    1 unfinished file, 2 work directories  harmless

                file system: nfs may not support the locks and memory maps that SQLite needs: put the store on a local disk with --store
                free space: less than 1 GB is free: free some space, or put the store elsewhere with --store
                open files: the limit is too low: raise it with `ulimit -n 1024`
                clock: the clock is before 2025: set it
                clock: the latest run started later than this time: set the clock, or wait
                runners: process 2 on a terminated unexpectedly: run the pipeline again to resume

                """)
    }

    @Test("Without a sandbox, the reason is a note and no problem")
    func sandbox() {
        let check = DoctorReport.Check.sandbox(
            .failure(VerificationError.sandbox(.missing("bwrap"))))
        #expect(
            check
                == DoctorReport.Check(
                    "sandbox", "none",
                    note:
                        "the verifier code cannot be used: programs run in a sandbox of bubblewrap, but 'bwrap' is not in PATH: install it, for example with `apt install bubblewrap util-linux`"
                ))
        #expect(DoctorReport([check]).isHealthy)
    }

    @Test(
        "The versions of SQLite with the bug in its write-ahead log are known",
        arguments: [
            (3_006_023, false), (3_007_000, true), (3_040_001, true), (3_044_005, true),
            (3_044_006, false), (3_045_000, true), (3_050_006, true), (3_050_007, false),
            (3_051_000, true), (3_051_002, true), (3_051_003, false), (3_052_000, false),
        ])
    func versions(version: Int, hasBug: Bool) {
        #expect(StoreLibraries.hasWriteAheadBug(version: version) == hasBug)
    }

    @Test(
        "The file system is that of the nearest mount above, and those of networks are known",
        arguments: [
            ("/work/a", "ext4", false), ("/home/x/y", "nfs4", true), ("/home", "ext4", false),
            ("/mnt/my disk/a", "fuse.sshfs", true), ("/home/xy", "ext4", false),
        ])
    func mounts(path: String, type: String, isShared: Bool) {
        let mounts = """
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            23 22 0:5 / /home/x rw - nfs4 server:/x rw
            24 22 0:6 / /mnt/my\\040disk rw - fuse.sshfs host: rw

            """
        #expect(FileSystemFacts.type(of: path, mounts: mounts) == type)
        #expect(FileSystemFacts(type: type, free: 0).isShared == isShared)
    }
}
