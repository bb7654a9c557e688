import Foundation
import Inference
import Testing

/// The connection to `vireo-http`, with a stand-in that answers in other ways.
@Suite(.timeLimit(.minutes(10)))
struct HTTPProgramTests {
    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/inference").path

    /// The stand-in with Python statements for each line, which have the variables `request` and `say`.
    private func program(_ statements: String) throws -> HTTPProgram {
        let environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "STAND_IN": statements,
        ]
        return try HTTPProgram(
            path: Self.directory + "/vireo-http", environment: environment, log: { _ in })
    }

    private func request(_ url: String, body: String? = nil) -> HTTPRequest {
        HTTPRequest(method: "GET", url: url, body: body, seconds: 5, limit: 1 << 20)
    }

    @Test("Answers are matched to requests in any order")
    func order() async throws {
        let program = try program(
            """
            waiting.append(request)
            if len(waiting) == 20:
                for one in reversed(waiting):
                    say(id=one["id"], status=200, body=one["url"])
            """)
        let answers = try await withThrowingTaskGroup(of: (String, String).self) { group in
            for number in 0..<20 {
                group.addTask {
                    let url = "http://a/\(number)"
                    return (url, try await program.answer(to: request(url)).body)
                }
            }
            return try await group.reduce(into: [(String, String)]()) { $0.append($1) }
        }
        #expect(answers.count == 20)
        #expect(answers.allSatisfy { $0 == $1 })
    }

    @Test("A large answer with every kind of character arrives whole")
    func large() async throws {
        let text = String(repeating: "é\"\\\n\u{2028}\u{1F600}", count: 200_000)
        let program = try program(#"say(id=request["id"], status=200, body=request["body"])"#)
        #expect(try await program.answer(to: request("http://a", body: text)).body == text)
    }

    @Test("A failure has its kind and detail")
    func failure() async throws {
        let program = try program(
            #"say(id=request["id"], error="timeout", detail="deadlineExceeded")"#)
        await #expect(throws: HTTPFailure(.timeout, detail: "deadlineExceeded")) {
            try await program.answer(to: request("http://a"))
        }
    }

    @Test("All requests fail when the program ends, also later ones")
    func end() async throws {
        let program = try program("sys.exit(3)")
        for _ in 0..<2 {
            await #expect(
                throws: InferenceError.programEnded("exited with status 3")
            ) {
                try await program.answer(to: request("http://a"))
            }
        }
    }

    @Test("A cancelled request ends at once")
    func cancellation() async throws {
        let program = try program("pass")
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await program.answer(to: request("http://a"))
                }
            }
            group.cancelAll()
        }
    }

    @Test("The program beside the executable precedes those in the search path")
    func path() {
        let path = Self.directory + "/vireo-http"
        #expect(HTTPProgram.path(beside: Self.directory + "/vireo", or: "") == path)
        #expect(HTTPProgram.path(beside: "/nowhere/vireo", or: Self.directory) == path)
        #expect(HTTPProgram.path(beside: "/nowhere/vireo", or: "/nowhere") == nil)
    }
}
