import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

/// The stand-in `Tests/Fixtures/rclone` plays the faults of an object store.
@Suite("Shared caches of rclone", .timeLimit(.minutes(10)))
struct RcloneTests {
    private let sample: RemoteSample
    private let log: TemporaryDirectory

    init() throws {
        sample = try RemoteSample()
        log = try TemporaryDirectory()
    }

    private static let standIn = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Fixtures/rclone").standardizedFileURL.path

    private func remote(fault: String = "", patience: Duration = .seconds(60)) -> RcloneRemote {
        RcloneRemote(
            "box:\(sample.directory)", program: Self.standIn,
            environment: [
                "PATH": "/usr/bin:/bin", "RCLONE_FAULT": fault, "RCLONE_LOG": log.file("log"),
            ], patience: patience)
    }

    /// The commands of rclone that have run since the last call.
    private func commands() throws -> [String] {
        let path = log.file("log")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path)
        return text.split(separator: "\n").map(String.init)
    }

    @Test("Results go through rclone to another store, in a fixed number of calls")
    func roundTrip() async throws {
        let pushed = try sample.push(sample.cache(remote()))
        #expect(pushed.new == 2 && pushed.failed == 0)
        #expect(try commands() == ["lsjson", "copy", "lsjson", "copy", "lsjson"])
        #expect(try sample.pull(sample.cache(remote())) == ["questions", "traces"])
        #expect(try commands() == ["lsf", "copy", "copy", "copy", "copy"])
        let verification = try await Store.verify(
            directory: sample.target.directory, .init(threads: 1))
        #expect(verification.findings == [])
        for stage in ["questions", "traces"] {
            #expect(
                try sample.outputs(stage, in: sample.target)
                    == sample.outputs(stage, in: sample.source))
        }
        let again = try sample.push(sample.cache(remote()))
        #expect(again.present == 2 && again.new == 0)
        #expect(try commands() == ["lsjson", "copy"])
        #expect(sample.takeWarnings() == [])
    }

    @Test("A missing object, for which rclone exits with 0, is a miss")
    func missing() throws {
        try sample.push()
        let object = try sample.object("questions")
        try FileManager.default.removeItem(atPath: sample.directory + "/" + object)
        #expect(try sample.pull(sample.cache(remote())) == [])
        let key = try sample.key("questions")
        #expect(
            sample.takeWarnings() == [
                "the remote team lacks \(object), so the result for the key \(key.short) is not used:"
                    + " push it again"
            ])
    }

    @Test("Files that arrive changed or truncated are misses", arguments: ["cut", "flip"])
    func damaged(fault: String) throws {
        try sample.push()
        let rows = try sample.target.rows()
        #expect(try sample.pull(sample.cache(remote(fault: fault))) == [])
        let name = try fault == "cut" ? sample.manifest("questions") : sample.object("questions")
        let warnings = sample.takeWarnings()
        #expect(warnings.count == 1)
        #expect(
            warnings.first?.hasPrefix(
                "the remote team has a damaged file, which is not used: \(name): ") == true)
        #expect(try sample.target.rows() == rows)
    }

    @Test("A push that is cut off writes no manifest, and the next one says what is damaged")
    func cutPush() throws {
        let pushed = try sample.push(sample.cache(remote(fault: "cut")))
        #expect(pushed.new == 0 && pushed.failed == 2)
        let files = try sample.files()
        #expect(files.count == 2 && files.allSatisfy { $0.hasPrefix("objects/") })
        #expect(sample.takeWarnings().count == 2)
        let again = try sample.push(sample.cache(remote()))
        #expect(again.new == 0 && again.failed == 2)
        #expect(sample.takeWarnings().count == 2)
        for file in files {
            try FileManager.default.removeItem(atPath: sample.directory + "/" + file)
        }
        #expect(try sample.push(sample.cache(remote())).new == 2)
    }

    @Test(
        "A server that goes away is warned of once and not asked again",
        arguments: ["down", "stop"])
    func gone(fault: String) throws {
        try sample.push()
        let cache = sample.cache(remote(fault: fault))
        // What came before the failure is used.
        #expect(try sample.pull(cache) == [])
        #expect(try sample.pull(cache) == [])
        let problem =
            fault == "down"
            ? "Failed to answer: connection refused" : "Attempt 1/1 failed: connection reset"
        #expect(
            sample.takeWarnings() == [
                "the remote team cannot be used and is not asked again: rclone says: \(problem)"
            ])
        #expect(try commands() == (fault == "down" ? ["lsf"] : ["lsf", "copy"]))
    }

    @Test("A server that does not answer is given up after the time limit")
    func hang() throws {
        let cache = sample.cache(remote(fault: "hang", patience: .milliseconds(300)))
        #expect(try sample.pull(cache) == [])
        #expect(try sample.push(cache).failed == 2)
        #expect(
            sample.takeWarnings() == [
                "the remote team cannot be used and is not asked again: rclone did not finish within 0 s"
            ])
        #expect(try commands().count == 1)
    }

    @Test("Without rclone the cache cannot be used")
    func noProgram() throws {
        let remote = RcloneRemote("s3:x", program: nil, environment: [:])
        #expect(try sample.pull(sample.cache(remote)) == [])
        let broken = RcloneRemote("s3:x", program: "/nonexistent/rclone", environment: [:])
        #expect(try sample.pull(sample.cache(broken)) == [])
        #expect(
            sample.takeWarnings() == [
                "the remote team cannot be used and is not asked again: the program rclone was not found:"
                    + " install it, or name it in VIREO_RCLONE",
                "the remote team cannot be used and is not asked again: rclone cannot be started: No such"
                    + " file or directory",
            ])
    }

    @Test(
        "rclone receives only the variables that it needs, and is found in PATH or by VIREO_RCLONE")
    func environment() {
        let environment = [
            "PATH": "relative:\((Self.standIn as NSString).deletingLastPathComponent):/bin",
            "HOME": "/h", "XDG_CONFIG_HOME": "/x", "RCLONE_S3_REGION": "r", "AWS_CA_BUNDLE": "b",
            "SECRET": "s",
        ]
        #expect(
            RcloneRemote.minimal(environment).keys.sorted() == [
                "HOME", "PATH", "RCLONE_S3_REGION", "XDG_CONFIG_HOME",
            ])
        #expect(RcloneRemote.program(environment) == Self.standIn)
        #expect(
            RcloneRemote.program(environment.merging(["VIREO_RCLONE": "/o/rclone"]) { $1 })
                == "/o/rclone")
        #expect(RcloneRemote.program(["PATH": "/nonexistent"]) == nil)
    }
}
