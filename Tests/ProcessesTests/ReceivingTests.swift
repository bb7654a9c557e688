import Foundation
import Processes
import Synchronization
import TestSupport
import Testing

@Suite("Output in pieces", .timeLimit(.minutes(10)))
struct ReceivingTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Runs a script whose output goes to `receive`.
    private func status(
        _ script: String, _ receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws -> Processes.ExitStatus? {
        let child = try ChildProcess(
            .init(
                executable: "/bin/sh", arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"], errorFile: directory.path + "/errors",
                receive: receive))
        defer { withExtendedLifetime(child) {} }
        var status: Processes.ExitStatus?
        for await event in child.events {
            if case .ended(let end) = event { status = end }
        }
        return status
    }

    @Test("Pieces are whole lines in order, the last one with an end of its own")
    func pieces() async throws {
        let received = Mutex<[[UInt8]]>([])
        let status = try await status("seq 1 200000; printf last") { lines in
            received.withLock { $0.append(Array(lines)) }
            return true
        }
        #expect(status?.isSuccess == true)
        let pieces = received.withLock { $0 }.filter { !$0.isEmpty }
        #expect(pieces.allSatisfy { $0.last == 10 })
        #expect(pieces.count < 20_000)
        let expected = (1...200_000).map(String.init).joined(separator: "\n") + "\nlast\n"
        #expect(Array(pieces.joined()) == Array(expected.utf8))
    }

    @Test("A line longer than every buffer is one piece")
    func longLine() async throws {
        let received = Mutex<[Int]>([])
        _ = try await status("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo y") { lines in
            if !lines.isEmpty { received.withLock { $0.append(lines.count) } }
            return true
        }
        #expect(received.withLock { $0.reduce(0, +) } == 1_000_003)
        #expect(received.withLock { $0.first ?? 0 } >= 1_000_001)
    }

    @Test("An overlong line is truncated, and its end says so")
    func cutLine() async throws {
        let received = Mutex<[UInt8]>([])
        _ = try await status("head -c 6000000 /dev/zero | tr '\\0' x; echo; printf y") { lines in
            received.withLock { $0 += lines }
            return true
        }
        let bytes = received.withLock { $0 }
        #expect(bytes.count < LineStream.longestLine + 100)
        let end = String(decoding: bytes.suffix(40), as: UTF8.self)
        #expect(end.hasSuffix("xx… [line cut: 6000000 bytes]\ny\n"))
    }

    @Test("Standard error arrives in pieces too, and its reader can end the program")
    func errors() async throws {
        let count = Mutex(0)
        var launch = ChildProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", "echo out; yes >&2"],
            environment: ["PATH": "/usr/bin:/bin"], output: .lines, errors: .lines)
        launch.receiveErrors = { lines in
            count.withLock { $0 += lines.count }
            return count.withLock { $0 } < 1_000_000
        }
        let child = try ChildProcess(launch)
        var lines: [String] = []
        for await event in child.events {
            if case .line(let line) = event { lines.append(line) }
        }
        #expect(lines == ["out"])
        #expect(child.status?.outcome == .killed(signal: SIGKILL))
        #expect(count.withLock { $0 } >= 1_000_000)
    }

    @Test("A reader that stops reading ends the program")
    func refusal() async throws {
        let status = try await status("yes") { $0.isEmpty }
        #expect(status?.outcome == .killed(signal: SIGKILL))
    }

    @Test("A reader is called without lines while the program is silent")
    func silence() async throws {
        let empty = Mutex(0)
        _ = try await status("sleep 0.5; echo x") { lines in
            if lines.isEmpty { empty.withLock { $0 += 1 } }
            return true
        }
        #expect(empty.withLock { $0 } > 0)
    }
}
