import Files
import Foundation
import Glibc
import Pipeline

/// Read-only git commands on a directory that may be untrusted. Git must not run a program that the settings of the
/// repository name (file monitor, filters, hooks, diff drivers), and must not fetch anything.
struct GitCommand {
    let root: String
    let environment: [String: String]

    /// The deadline for all commands together.
    let deadline: ContinuousClock.Instant

    /// Settings that override those of the repository.
    private let settings: [String]

    private static let fixed = [
        "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat",
        "core.untrackedCache=false", "protocol.allow=never", "credential.helper=",
    ]

    /// `nil` if git cannot be run.
    init?(root: String, environment: [String: String], within time: Duration) {
        let plain = GitCommand(
            root: root, environment: environment, deadline: .now + time, settings: Self.fixed)
        guard let filters = plain.filters() else { return nil }
        self = GitCommand(
            root: root, environment: environment, deadline: plain.deadline,
            settings: Self.fixed + filters)
    }

    private init(
        root: String, environment: [String: String], deadline: ContinuousClock.Instant,
        settings: [String]
    ) {
        self.root = root
        self.environment = environment
        self.deadline = deadline
        self.settings = settings
    }

    /// Settings that disable the filters that the repository defines. Filters of the user and of the system stay. `nil`
    /// if the filters cannot be determined.
    private func filters() -> [String]? {
        let pattern = "^filter\\..*\\.(clean|smudge|process|required)$"
        let question = ["config", "--includes", "--show-scope", "--name-only", "-z"]
        var answer = Data()
        // git exits with 1 if there are none.
        guard
            let status = run(
                question + ["--get-regexp", pattern], receive: { answer.append(contentsOf: $0) }),
            status <= 1, answer.count < Self.limit
        else { return nil }
        let words = answer.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var settings: [String] = []
        for place in stride(from: 0, to: words.count - 1, by: 2)
        where !["system", "global"].contains(words[place]) {
            let name = words[place + 1]
            guard !name.contains("="), !name.contains("\u{FFFD}") else { return nil }
            settings.append(name + (name.hasSuffix(".required") ? "=false" : "="))
        }
        return settings
    }

    private static let limit = 64 << 20

    /// The output of git; `nil` if git fails or its output exceeds the limit.
    func answer(_ arguments: [String]) -> Data? {
        var answer = Data()
        let status = run(arguments) {
            if answer.count < Self.limit { answer.append(contentsOf: $0) }
        }
        return status == 0 && answer.count < Self.limit ? answer : nil
    }

    /// The digest of the output of git, and whether the output is empty; `nil` if git fails.
    func digest(_ arguments: [String]) -> (digest: Digest, isEmpty: Bool)? {
        var hasher = Digest.Hasher()
        var isEmpty = true
        let status = run(arguments) {
            isEmpty = false
            hasher.update($0)
        }
        guard status == 0 else { return nil }
        return (hasher.finalize(), isEmpty)
    }

    /// Runs git and passes its output to `receive`. Returns its exit status; `nil` if it cannot be run or misses the
    /// deadline.
    private func run(
        _ arguments: [String], receive: (UnsafeRawBufferPointer) -> Void
    ) -> Int32? {
        guard let program = Self.program(environment) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["-C", root, "--work-tree=."] + settings.flatMap { ["-c", $0] } + arguments
        // The command must not write, and GIT_ variables must not change its result.
        process.environment = environment.filter { !$0.key.hasPrefix("GIT_") }
            .merging([
                "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0",
            ]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            return nil
        }
        let isWhole = drain(output.fileHandleForReading.fileDescriptor, receive)
        if !isWhole { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return isWhole && process.terminationReason == .exit ? process.terminationStatus : nil
    }

    /// Reads to the end of the output; `false` if the deadline passes first.
    private func drain(_ file: Int32, _ receive: (UnsafeRawBufferPointer) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            while true {
                let left = deadline - .now
                guard left > .zero else { return false }
                var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
                let ready = poll(&wait, 1, Int32(min(left / .milliseconds(1), 1e6)) + 1)
                if ready < 0, errno != EINTR { return false }
                guard ready > 0 else { continue }
                let count = read(file, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 }
                receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// Finds git in the absolute directories of PATH; relative ones depend on the working directory.
    private static func program(_ environment: [String: String]) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/git" }
            .first { FilePath.isAbsolute($0) && FileManager.default.isExecutableFile(atPath: $0) }
    }
}
