import Files
import Glibc
import JSON
import Processes
import Synchronization

/// Sends requests by the program `vireo-http`, which is built apart because few users need an HTTP client. A class,
/// because the requests share the program; it ends when this is released.
package final class HTTPProgram: HTTPTransport {
    /// The name of the program.
    package static let name = "vireo-http"

    /// The maximum length of a line: an answer of the maximum size whose characters are escaped.
    private static let longestLine = 256 << 20

    private let pending: Pending
    private let child: ChildProcess
    /// Keeps the lines of requests apart.
    private let input = Mutex<Void>(())

    /// Starts the program at `path`. `log` receives the lines of its standard error. Throws `SpawnError` if it cannot be
    /// started.
    package init(
        path: String, environment: [String: String], log: @escaping @Sendable (String) -> Void
    ) throws(SpawnError) {
        let pending = Pending()
        var launch = ChildProcess.Launch(
            executable: path, arguments: [], environment: environment, output: .lines,
            errors: .lines
        ) { lines in
            lines.forEachLine { pending.take($0) }
            return true
        }
        launch.receiveErrors = { lines in
            lines.forEachLine { log(String(decoding: $0, as: UTF8.self)) }
            return true
        }
        launch.continues = { status in
            pending.end(status)
            return false
        }
        launch.longestLine = Self.longestLine
        self.pending = pending
        child = try ChildProcess(launch)
    }

    deinit { child.kill() }

    /// The program beside the one at `executable`, or else in the directories of `searchPath`; `nil` if there is none.
    package static func path(beside executable: String, or searchPath: String) -> String? {
        let neighbour = FilePath.joined(FilePath.parent(executable), name)
        if access(neighbour, X_OK) == 0 { return neighbour }
        return ProgramRun.path(of: name, in: searchPath)
    }

    package func answer(to request: HTTPRequest) async throws -> HTTPAnswer {
        let id = pending.nextID()
        let line = Self.line(request, id: id)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard pending.add(continuation, id: id) else { return }
                let isSent = input.withLock { _ in child.send(line) }
                // Its end, with the status, is reported as soon as it is known.
                if !isSent { pending.fail(id, InferenceError.programEnded("closed its input")) }
            }
        } onCancel: {
            pending.fail(id, CancellationError())
        }
    }

    private static func line(_ request: HTTPRequest, id: Int) -> String {
        var members: [String: JSONValue] = [
            "id": .integer(id), "method": .string(request.method), "url": .string(request.url),
            "headers": .object(request.headers.mapValues { .string($0) }),
            "seconds": .integer(request.seconds), "limit": .integer(request.limit),
        ]
        if let body = request.body { members["body"] = .string(body) }
        return JSONValue.object(members).canonical + "\n"
    }

    /// The requests that wait for answers.
    private final class Pending: Sendable {
        private struct State {
            var lastID = 0
            var waiting: [Int: CheckedContinuation<HTTPAnswer, any Error>] = [:]
            /// Requests that were cancelled before they waited.
            var cancelled: Set<Int> = []
            /// How the program has ended.
            var end: String?
        }

        private let state = Mutex(State())

        func nextID() -> Int {
            state.withLock {
                $0.lastID += 1
                return $0.lastID
            }
        }

        /// Returns whether the request waits; otherwise it has failed.
        func add(_ continuation: CheckedContinuation<HTTPAnswer, any Error>, id: Int) -> Bool {
            let failure = state.withLock { state -> (any Error)? in
                if state.cancelled.remove(id) != nil { return CancellationError() }
                if let end = state.end { return InferenceError.programEnded(end) }
                state.waiting[id] = continuation
                return nil
            }
            if let failure { continuation.resume(throwing: failure) }
            return failure == nil
        }

        func fail(_ id: Int, _ error: any Error) {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: id)
                if continuation == nil, error is CancellationError {
                    state.cancelled.insert(id)
                }
                return continuation
            }
            continuation?.resume(throwing: error)
        }

        /// Takes a line with an answer. Answers to cancelled requests are dropped.
        func take(_ line: UnsafeRawBufferPointer) {
            guard let answer = JSONLine.decode(Answer.self, line) else { return }
            let continuation = state.withLock { $0.waiting.removeValue(forKey: answer.id) }
            continuation?.resume(with: answer.result)
        }

        func end(_ status: ExitStatus) {
            let waiting = state.withLock { state in
                state.end = status.text
                defer { state.waiting = [:] }
                return state.waiting
            }
            for continuation in waiting.values {
                continuation.resume(throwing: InferenceError.programEnded(status.text))
            }
        }
    }

    /// A line of the program.
    private struct Answer: Decodable {
        let id: Int
        let status: Int?
        let body: String?
        let error: String?
        let detail: String?

        var result: Result<HTTPAnswer, any Error> {
            if let status, let body { return .success(HTTPAnswer(status: status, body: body)) }
            let kind = error.flatMap { HTTPFailure.Kind(rawValue: $0) } ?? .reset
            return .failure(HTTPFailure(kind, detail: detail ?? ""))
        }
    }
}
