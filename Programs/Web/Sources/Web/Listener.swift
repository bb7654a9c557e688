import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Requests

/// Listens on the loopback addresses, on one event loop.
struct Listener {
    /// Connections of each address; others wait until one is closed. A browser opens at most six to a host.
    private static let connections = 256
    /// For the whole head of a request, and between requests.
    private static let idleTime = TimeAmount.seconds(15)

    let settings: Settings
    let exchanges: Exchanges
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let logger = Logger(label: "vireo-web") { _ in SwiftLogNoOpLogHandler() }
    private let secret = Session.randomSecret()

    init(settings: Settings, exchanges: Exchanges) {
        self.settings = settings
        self.exchanges = exchanges
    }

    /// Calls `onListening` with the port as soon as connections are accepted.
    func run(onListening: @escaping @Sendable (Int) -> Void) async throws {
        try await withThrowingTaskGroup { servers in
            let port = try await start("127.0.0.1", port: settings.port, in: &servers)
            do {
                // A browser may take `localhost` for this address. Somebody else must not have it.
                _ = try await start("::1", port: port, in: &servers)
            } catch let error as IOError
                where [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode)
            {
                // This host has no IPv6.
            }
            onListening(port)
            try await servers.waitForAll()
        }
    }

    /// Returns the port when the server accepts connections.
    private func start(
        _ address: String, port: Int, in servers: inout ThrowingTaskGroup<Void, any Error>
    ) async throws -> Int {
        let (ports, listening) = AsyncThrowingStream<Int, any Error>.makeStream()
        let front = Front(settings: settings, secret: secret, exchanges: exchanges)
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [HalfClosed()], idleTimeout: Self.idleTime)
        channel.httpDecoder = .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { try await front.respond(to: $0, with: $1, on: $2) },
                configuration: channel),
            configuration: ServerConfiguration(
                address: .hostname(address, port: port),
                availableConnectionsDelegate: .maximum(Self.connections, logger: logger)),
            onServerRunning: { listening.yield($0.localAddress?.port ?? port) },
            eventLoopGroup: group, logger: logger)
        servers.addTask {
            do {
                try await server.run()
            } catch {
                listening.finish(throwing: error)
            }
        }
        for try await port in ports { return port }
        throw CancellationError()
    }
}
