import Files
import Foundation
import Pipeline
import Store
import TestSupport
import Testing

/// A server that speaks S3, for the time of a test.
private final class Moto {
    private let server = Process()
    let environment: [String: String]

    private static func program(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
    }

    static let rclone = program("rclone")
    static let server = program("moto_server")
    static var isHere: Bool { rclone != nil && server != nil }

    init() throws {
        let port = Int.random(in: 20_000..<60_000)
        environment = [
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CONFIG_MOTO_TYPE": "s3", "RCLONE_CONFIG_MOTO_PROVIDER": "Other",
            "RCLONE_CONFIG_MOTO_ACCESS_KEY_ID": "a", "RCLONE_CONFIG_MOTO_SECRET_ACCESS_KEY": "b",
            "RCLONE_CONFIG_MOTO_REGION": "us-east-1",
            "RCLONE_CONFIG_MOTO_ENDPOINT": "http://127.0.0.1:\(port)",
        ]
        server.executableURL = URL(fileURLWithPath: Self.server ?? "")
        server.arguments = ["-H", "127.0.0.1", "-p", "\(port)"]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        // `mkdir` waits for the server: each attempt takes a second or more until it answers.
        var attempts = 0
        while try rclone("mkdir", "moto:bucket") != 0, attempts < 60 { attempts += 1 }
    }

    deinit { stop() }

    func stop() {
        guard server.isRunning else { return }
        // It inherits the signal mask of the thread that started it, which may block SIGTERM.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }

    @discardableResult
    func rclone(_ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.rclone ?? "")
        process.arguments = ["--retries", "2", "--retries-sleep", "1s"] + arguments
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    var remote: RcloneRemote {
        RcloneRemote(
            "moto:bucket/a/cache", program: Self.rclone, environment: environment)
    }
}

@Suite("Shared caches on S3", .serialized, .timeLimit(.minutes(10)))
struct MotoTests {
    @Test(
        "A real rclone and an S3 server: a round trip, a missing and a changed object, and a dead server",
        .enabled(if: Moto.isHere, "rclone and moto_server are not in PATH"))
    func faults() async throws {
        let moto = try Moto()
        let sample = try RemoteSample()
        #expect(try sample.pull(sample.cache(moto.remote)) == [])
        let pushed = try sample.push(sample.cache(moto.remote))
        #expect(pushed.new == 2 && pushed.failed == 0)
        let again = try sample.push(sample.cache(moto.remote))
        #expect(again.present == 2 && again.new == 0 && again.failed == 0)
        #expect(sample.takeWarnings() == [])
        #expect(try sample.pull(sample.cache(moto.remote)) == ["questions", "traces"])
        let verification = try await Store.verify(
            directory: sample.target.directory, .init(threads: 1))
        #expect(verification.findings == [])

        // The same files in a directory tell the names of the objects.
        try sample.push()
        let object = try sample.object("questions")
        let copy = sample.directory + "/" + object
        try moto.rclone("deletefile", "moto:bucket/a/cache/" + object)
        let second = try SmallStore(filled: false)
        #expect(try sample.pull(sample.cache(moto.remote), into: second.store) == [])
        #expect(sample.takeWarnings().count == 1)
        try sample.damage(object) { $0[$0.count - 3] ^= 4 }
        try moto.rclone("copyto", copy, "moto:bucket/a/cache/" + object)
        #expect(try sample.pull(sample.cache(moto.remote), into: second.store) == [])
        #expect(sample.takeWarnings().count == 1)
        // A push does not replace the damaged object.
        #expect(try sample.push(sample.cache(moto.remote)).present == 2)
        #expect(try sample.pull(sample.cache(moto.remote), into: second.store) == [])
        _ = sample.takeWarnings()

        moto.stop()
        let cache = sample.cache(moto.remote)
        #expect(try sample.pull(cache, into: second.store) == [])
        #expect(try sample.pull(cache, into: second.store) == [])
        let warnings = sample.takeWarnings()
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("connection refused") == true, "\(warnings)")
    }
}
