import Foundation
import TestSupport
import Testing
import FuzzSubjects

/// A directory for hostile files, and programs that read them within 512 MiB and ten seconds: what takes
/// more is ended by the system, which is no exit status that any test expects.
final class Victim: Sendable {
    struct Result: Hashable {
        let status: Int32
        let output: String
    }

    private let temporary: TemporaryDirectory
    var directory: String { temporary.path }

    init() throws {
        temporary = try TemporaryDirectory()
    }

    /// Where the programs are: beside the tests.
    private static let programs: String = {
        let tests = try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (tests as NSString).deletingLastPathComponent
    }()

    func path(_ name: String) -> String { directory + "/" + name }

    @discardableResult
    func write(_ bytes: some Sequence<UInt8>, _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// What `subject` says about a file.
    func examine(_ file: String, as subject: Subject) throws -> Result {
        try run("Fuzz", ["read", subject.rawValue, file])
    }

    /// Runs a built program in the directory; both its streams are the output, in which the directory's own
    /// name is left out. `setUp` is a line of shell before it.
    func run(
        _ program: String, _ arguments: [String], limits: String = "ulimit -d 524288; ulimit -t 10",
        setUp: String = ":"
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments =
            ["-c", "\(limits); \(setUp); exec \"$0\" \"$@\""]
            + ["\(Self.programs)/\(program)"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory, "SWIFT_BACKTRACE": "enable=no",
        ]
        let name = path(".output-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: name, contents: nil)
        let output = FileHandle(forWritingAtPath: name)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: name)), as: UTF8.self)
        let signal: Int32 = process.terminationReason == .uncaughtSignal ? 1_000 : 0
        return Result(
            status: signal + process.terminationStatus,
            output: text.replacingOccurrences(of: directory + "/", with: "")
                .trimmingCharacters(in: .newlines))
    }
}

/// A file that nobody should have to read. What is said about it has its name.
struct Hostile: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: @Sendable () -> [UInt8]

    init(_ name: String, _ text: @autoclosure @escaping @Sendable () -> String) {
        self.init(name) { Array(text().utf8) }
    }

    init(_ name: String, bytes: @escaping @Sendable () -> [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
    }

    var testDescription: String { name }
}

extension String {
    static func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
}
