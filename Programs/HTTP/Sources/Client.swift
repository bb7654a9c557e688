import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests. It makes no decisions: no retries, no redirects, no proxies.
struct Client {
    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        // The sender limits the number of requests.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1 << 16
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    func shutdown() async throws { try await client.shutdown() }

    func answer(to request: Request) async -> Answer {
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask { try await send(request) }
                group.addTask {
                    try await Task.sleep(for: .seconds(request.seconds))
                    throw HTTPClientError.deadlineExceeded
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        } catch {
            // The description of some errors contains headers, and so a key.
            let detail = Self.detail(of: error)
            return Answer(id: request.id, error: Self.failure(error), detail: detail)
        }
    }

    private func send(_ request: Request) async throws -> Answer {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers ?? [:] {
            message.headers.add(name: name, value: value)
        }
        if let body = request.body { message.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(message, deadline: .distantFuture)
        let body = try await response.body.collect(upTo: request.limit)
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            return Answer(id: request.id, status: response.status.code, error: .notText)
        }
        return Answer(id: request.id, status: response.status.code, body: text)
    }

    /// The errors of the system when a connection cannot be opened.
    private static let unreachable = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN]

    private static func detail(of error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            (error.connectionErrors.first?.error as? IOError).map {
                String(cString: strerror($0.errnoCode))
            } ?? "\(error)"
        default: "\(error)"
        }
    }

    private static func failure(_ error: any Error) -> Answer.Failure {
        switch error {
        case is NIOTooManyBytesError: .tooLarge
        case is NIOConnectionError, is NIOSSLError: .connect
        case let error as IOError where unreachable.contains(error.errnoCode): .connect
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .tlsHandshakeTimeout: .connect
            case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout:
                .timeout
            case .remoteConnectionClosed, .cancelled, .requestStreamCancelled: .reset
            default: .invalid
            }
        // Errors of an open connection, such as ECONNRESET, and answers that are not HTTP.
        default: .reset
        }
    }
}
