import Files
import Foundation
import Glibc
import Pipeline

/// Questions to git about a directory that a stranger may have made. Git runs no program that the repository's
/// settings name: no monitor of files, no filters, no hooks, no other way to compare. It fetches nothing.
struct GitCommand {
    let root: String
    let environment: [String: String]

    /// All answers are here by then, or there are none.
    let deadline: ContinuousClock.Instant

    /// Settings that take the place of the repository's.
    private let settings: [String]

    private static let fixed = [
        "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat",
        "core.untrackedCache=false", "protocol.allow=never", "credential.helper=",
    ]

    /// `nil` if git cannot be asked.
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

    /// Settings without the filters that the repository itself defines; those of the user and of the machine
    /// stay. `nil` if they cannot be found out.
    private func filters() -> [String]? {
        let pattern = "^filter\\..*\\.(clean|smudge|process|required)$"
        let question = ["config", "--includes", "--show-scope", "--name-only", "-z"]
        var answer = Data()
        // It ends with 1 where there are none.
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

    /// What git prints; `nil` if it fails or prints very much.
    func answer(_ arguments: [String]) -> Data? {
        var answer = Data()
        let status = run(arguments) {
            if answer.count < Self.limit { answer.append(contentsOf: $0) }
        }
        return status == 0 && answer.count < Self.limit ? answer : nil
    }

    /// The digest of what git prints, and whether that is anything; `nil` if it fails.
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

    /// Git's exit status after all it prints was received; `nil` if it cannot be run or does not end in time.
    private func run(
        _ arguments: [String], receive: (UnsafeRawBufferPointer) -> Void
    ) -> Int32? {
        guard let program = Self.program(environment) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["-C", root, "--work-tree=."] + settings.flatMap { ["-c", $0] } + arguments
        // Looking must not write, and no one's settings may decide what is seen.
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

    /// Reads to the end; `false` if that does not come in time.
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

    /// Only from directories that do not depend on where we are.
    private static func program(_ environment: [String: String]) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/git" }
            .first { FilePath.isAbsolute($0) && FileManager.default.isExecutableFile(atPath: $0) }
    }
}
