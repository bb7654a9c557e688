import Foundation
import Store
import TestSupport

/// The built program, run in a directory of its own that is removed with this value.
final class Tool: Sendable {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    private let temporary: TemporaryDirectory
    var directory: String { temporary.path }

    init() throws {
        temporary = try TemporaryDirectory()
    }

    /// The program that the environment names, such as the one that is shipped; else the one beside the tests.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["VIREO_PROGRAM"] { return path }
        let tests = try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("vireo").path
    }()

    func write(_ text: String, to name: String) throws {
        let path = directory + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
    }

    /// Runs the program, interrupts it once its standard error has `sign`, and waits for its end.
    func interrupt(_ arguments: String..., after sign: String) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        var told = Data()
        var isInterrupted = false
        while case let piece = errors.fileHandleForReading.availableData, !piece.isEmpty {
            told += piece
            if !isInterrupted, String(decoding: told, as: UTF8.self).contains(sign) {
                process.interrupt()
                isInterrupted = true
            }
        }
        let results = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: results, as: UTF8.self),
            errors: String(decoding: told, as: UTF8.self))
    }

    /// Runs the program with `input` on its standard input.
    func run(_ arguments: String..., input: String = "") throws -> Result {
        try run(arguments, input: input)
    }

    /// What a shell script writes to standard error; its `$0` is the program.
    func shell(_ script: String) throws -> String {
        try run(["-c", script, Self.path], of: "/bin/sh").errors
    }

    func run(
        _ arguments: [String], input: String = "", of program: String = path
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": directory]
        let number = UUID().uuidString
        let names = ["in", "out", "err"].map { "\(directory)/.\($0)-\(number)" }
        for name in names { _ = FileManager.default.createFile(atPath: name, contents: nil) }
        try input.write(toFile: names[0], atomically: false, encoding: .utf8)
        process.standardInput = FileHandle(forReadingAtPath: names[0])
        process.standardOutput = FileHandle(forWritingAtPath: names[1])
        process.standardError = FileHandle(forWritingAtPath: names[2])
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: try String(contentsOfFile: names[1], encoding: .utf8),
            errors: try String(contentsOfFile: names[2], encoding: .utf8))
    }
}
