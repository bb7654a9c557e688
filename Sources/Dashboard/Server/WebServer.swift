import Files
import Foundation
import JSON
import Processes
import Synchronization

/// Shows a dashboard to browsers by the program `vireo-web`, which is built apart because few users need an HTTP
/// server. A class, because the answers share the program; it ends when this is released.
package final class WebServer: Sendable {
    /// The name of the program.
    package static let name = "vireo-web"

    /// How often open pages are compared with the store.
    private static let interval = Duration.milliseconds(200)

    /// After how many comparisons without news a stream says that it is open.
    private static let silentTurns = 75

    /// The maximum length of a line: a form of the maximum size whose characters are escaped.
    private static let longestLine = 1 << 20

    private let child: ChildProcess
    private let log: @Sendable (String) -> Void
    /// Keeps the lines of answers apart.
    private let input = Mutex<Void>(())
    /// The streams whose readers have gone.
    private let gone = Mutex<Set<Int>>([])

    /// Starts the program at `path`. `log` receives the lines of its standard error. Throws `SpawnError` if it cannot be
    /// started.
    package init(
        path: String, environment: [String: String], log: @escaping @Sendable (String) -> Void
    ) throws(SpawnError) {
        var launch = ChildProcess.Launch(
            executable: path, arguments: [], environment: environment, output: .lines,
            errors: .lines)
        launch.receiveErrors = { lines in
            lines.forEachLine { log(String(decoding: $0, as: UTF8.self)) }
            return true
        }
        launch.longestLine = Self.longestLine
        self.log = log
        child = try ChildProcess(launch)
    }

    deinit { child.kill() }

    /// The program beside the one at `executable`, or else in the directories of `searchPath`; `nil` if there is none.
    package static func path(beside executable: String, or searchPath: String) -> String? {
        let neighbour = FilePath.joined(FilePath.parent(executable), name)
        if access(neighbour, X_OK) == 0 { return neighbour }
        return ProgramRun.path(of: name, in: searchPath)
    }

    // MARK: Serving

    /// Where the program listens, and the addresses of style sheet and scripts, by name.
    package struct Listening: Sendable {
        package let port: Int
        package let assets: [String: String]
    }

    /// Makes the program listen on `port` of this machine, 0 for any. Throws `WebServerError` if it cannot.
    package func listen(port: Int, token: String?) async throws(WebServerError) -> Listening {
        send(["port": .integer(port), "token": token.map { .string($0) } ?? .null])
        for await event in child.events {
            guard case .line(let text) = event, let line = Self.decoded(FirstLine.self, text) else {
                break
            }
            if let error = line.error { throw .refused(error) }
            if let port = line.listening {
                return Listening(port: port, assets: line.assets ?? [:])
            }
        }
        throw .ended
    }

    /// Answers requests until the program ends or the task is cancelled.
    package func serve(_ dashboard: Dashboard) async {
        await withDiscardingTaskGroup { group in
            for await event in child.events {
                guard case .line(let text) = event else { break }
                guard let request = Self.decoded(Request.self, text) else { continue }
                if request.gone == true {
                    gone.withLock { _ = $0.insert(request.id) }
                } else {
                    group.addTask { await self.answer(request, dashboard) }
                }
            }
            group.cancelAll()
        }
    }

    private func answer(_ request: Request, _ dashboard: Dashboard) async {
        guard let path = request.path,
            let page = PageRequest(
                path: path, query: request.body ?? request.query ?? "",
                isForeign: request.navigation ?? false)
        else {
            return send(PageAnswer.text("The address is not valid.\n", status: 400), to: request.id)
        }
        if page.path == ["live"], !page.isForeign {
            return await stream(page.all("name"), dashboard, to: request.id)
        }
        send(await Self.onThread { dashboard.answer(page) }, to: request.id)
    }

    /// Sends the fragments with these names, and again those that change, until the reader leaves.
    private func stream(_ names: [String], _ dashboard: Dashboard, to id: Int) async {
        send([
            "id": .integer(id), "status": .integer(200), "type": .string("text/event-stream"),
            "open": .bool(true), "body": .string(""),
        ])
        var sent: [String: String] = [:]
        var version: Int?
        var silence = 0
        while !gone.withLock({ $0.contains(id) }) {
            do {
                let now = try dashboard.store.dataVersion()
                if now != version {
                    version = now
                    let fragments = try await Self.onThread {
                        Result { try dashboard.fragments(named: names) }
                    }.get()
                    for (name, html) in fragments where sent[name] != html {
                        sent[name] = html
                        let data = JSONValue.object(["name": .string(name), "html": .string(html)])
                        chunk("data: \(data.canonical)\n\n", to: id)
                        silence = 0
                    }
                }
                silence += 1
                if silence % Self.silentTurns == 0 { chunk(":\n\n", to: id) }
                try await Task.sleep(for: Self.interval)
            } catch {
                if !(error is CancellationError) { log("a stream ended: \(error)") }
                break
            }
        }
        send(["id": .integer(id), "end": .bool(true)])
        gone.withLock { _ = $0.remove(id) }
    }

    // MARK: Lines

    private func send(_ answer: PageAnswer, to id: Int) {
        send([
            "id": .integer(id), "status": .integer(answer.status), "type": .string(answer.type),
            "body": .string(answer.body),
        ])
    }

    private func chunk(_ text: String, to id: Int) {
        send(["id": .integer(id), "chunk": .string(text)])
    }

    /// A program that does not read has ended, which its events say.
    private func send(_ members: [String: JSONValue]) {
        let line = JSONValue.object(members).canonical + "\n"
        input.withLock { _ in _ = child.send(line) }
    }

    private static func decoded<Line: Decodable>(_ type: Line.Type, _ text: String) -> Line? {
        var text = text
        return text.withUTF8 { JSONLine.decode(type, UnsafeRawBufferPointer($0)) }
    }

    /// Reading the store blocks, so it takes none of the threads of tasks.
    private static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }

    private struct FirstLine: Decodable {
        let listening: Int?
        let assets: [String: String]?
        let error: String?
    }

    private struct Request: Decodable {
        let id: Int
        let path: String?
        let query: String?
        let body: String?
        let navigation: Bool?
        let gone: Bool?
    }
}

/// Why no server runs.
package enum WebServerError: Error, Hashable, CustomStringConvertible {
    /// In the words of the program.
    case refused(String)
    case ended

    package var description: String {
        switch self {
        case .refused(let reason): reason
        case .ended: "\(WebServer.name) ended before it listened"
        }
    }
}
