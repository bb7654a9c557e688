import Foundation
import Inference
import Synchronization
import TestSupport
import Testing

/// A server that the stage runs: a shell script, which a stand-in for HTTP says is ready.
@Suite("A server that the stage runs", .timeLimit(.minutes(10)))
struct ServerProcessTests {
    private let directory: TemporaryDirectory
    private let log = Lines()

    init() throws { directory = try TemporaryDirectory() }

    /// Answers `/health` once the script has written its port to the file `ready`.
    private struct Health: HTTPTransport {
        let ready: String

        func answer(to request: HTTPRequest) async throws -> HTTPAnswer {
            let port = try? String(contentsOfFile: ready, encoding: .utf8)
                .trimmingCharacters(in: .newlines)
            guard let port, request.url == "http://127.0.0.1:\(port)/health" else {
                throw HTTPFailure(.connect)
            }
            return HTTPAnswer(status: 200, body: "")
        }
    }

    /// A script that writes its process id to the file `pids`. It gets its port as `$1`, and the path of `ready` as `$2`.
    private func server(
        _ script: String, lastLine: String = "out of luck"
    ) -> ServerProcess {
        let (ready, pids) = (directory.file("ready"), directory.file("pids"))
        return ServerProcess(
            "vllm",
            ServerProcess.Launch(
                executable: "/bin/sh",
                arguments: { ["-c", "echo $$ >> \(pids); \(script)", "sh", "\($0)", ready] },
                environment: ["PATH": "/usr/bin:/bin"],
                receive: { [log] lines in log.add(String(decoding: lines, as: UTF8.self)) },
                lastLine: { lastLine }),
            Health(ready: ready), clock: Self.clock, log: { [log] in log.add($0) })
    }

    /// Its time stands still, so that every end comes early, however loaded the machine is.
    private static let clock: RequestQueue.Clock = {
        let now = ContinuousClock.now
        return RequestQueue.Clock(now: { now }, sleep: { try await Task.sleep(for: $0) })
    }()

    private func pids() throws -> [pid_t] {
        try String(contentsOfFile: directory.file("pids"), encoding: .utf8).split(separator: "\n")
            .compactMap { pid_t($0) }
    }

    @Test("The first request starts it, and all others wait for it")
    func start() async throws {
        let server = server("sleep 0.3; echo $1 > $2; exec sleep 600")
        let urls = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await server.url() } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(urls.count == 1)
        #expect(urls.first?.hasPrefix("http://127.0.0.1:") == true)
        #expect(try pids().count == 1)
    }

    @Test("It ends when nobody has it any more")
    func end() async throws {
        var server: ServerProcess? = server("echo $1 > $2; exec sleep 600")
        _ = try await server?.url()
        let pid = try #require(try pids().first)
        #expect(kill(pid, 0) == 0)
        server = nil
        // The reading thread reaps it.
        while kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
    }

    @Test("When it has died, the next request starts it again")
    func restart() async throws {
        let server = server("echo $1 > $2; exec sleep 600")
        _ = try await server.url()
        let pid = try #require(try pids().first)
        kill(pid, SIGTERM)
        while kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        _ = try await server.url()
        #expect(try pids().count == 2)
        #expect(
            log.lines.contains(
                "vllm was killed by signal 15, and is started again; its last line: out of luck"))
    }

    private func failure(_ server: ServerProcess) async throws -> String {
        do {
            while true {
                _ = try await server.url()
                let pid = try #require(try pids().last)
                kill(pid, SIGTERM)
                while kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            }
        } catch let error as InferenceError {
            return error.description
        }
    }

    @Test("One that keeps dying is given up")
    func dying() async throws {
        #expect(
            try await failure(server("echo $1 > $2; exec sleep 600"))
                == "vllm was killed by signal 15: out of luck; its output is in the log of the stage"
        )
        #expect(try pids().count == 6)
    }

    @Test("One that ends before it is ready is not started again")
    func broken() async throws {
        #expect(
            try await failure(server("exit 2"))
                == "vllm exited with status 2: out of luck; its output is in the log of the stage")
        #expect(try pids().count == 1)
    }

    @Test("One whose port another program took first is started with another port")
    func takenPort() async throws {
        let line = "OSError: [Errno 98] Address already in use"
        let server = server(
            "test -e $2.taken || { touch $2.taken; exit 1; }; echo $1 > $2; exec sleep 600",
            lastLine: line)
        _ = try await server.url()
        #expect(try pids().count == 2)
        #expect(
            log.lines.contains(
                "vllm exited with status 1, and is started again; its last line: \(line)"))
    }

    @Test("Requests that wait for a start that fails do not start it again")
    func waiting() async throws {
        let server = server("sleep 0.3; exit 2")
        let failures = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        _ = try await server.url()
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 20)
        #expect(try pids().count == 1)
    }

    @Test("A program that cannot be started is named")
    func missing() async throws {
        let server = ServerProcess(
            "vllm",
            ServerProcess.Launch(
                executable: "/nowhere/vllm", arguments: { _ in [] }, environment: [:],
                receive: { _ in }, lastLine: { "" }),
            Health(ready: ""), log: { _ in })
        #expect(
            try await failure(server) == "cannot start /nowhere/vllm: No such file or directory")
    }
}
