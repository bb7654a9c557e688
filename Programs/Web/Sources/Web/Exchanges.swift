import NIOCore
import Requests
import Synchronization

/// The requests that are being answered.
final class Exchanges: Sendable {
    /// How much of a stream may wait for a client that does not read, in bytes.
    private static let waitingLimit = 1 << 20

    private struct Exchange {
        let parts: AsyncStream<InputLine>.Continuation
        let close: @Sendable () -> Void
        var waiting = 0
    }

    private struct State {
        var lastID = 0
        var open: [Int: Exchange] = [:]
    }

    private let state = Mutex(State())

    /// Passes a request to the application. The parts of the answer end early if the client is lost.
    func begin(
        _ request: RequestGuard.Admitted, body: String?, close: @escaping @Sendable () -> Void
    ) -> (id: Int, AsyncStream<InputLine>) {
        let (stream, parts) = AsyncStream<InputLine>.makeStream()
        let id = state.withLock { state in
            state.lastID += 1
            state.open[state.lastID] = Exchange(parts: parts, close: close)
            return state.lastID
        }
        Output.write(.request(id: id, request, body: body))
        return (id, stream)
    }

    /// A line of the application. Those for clients that have gone are dropped.
    func deliver(_ line: InputLine) {
        let closeSlow: (@Sendable () -> Void)? = state.withLock { state in
            guard let exchange = state.open[line.id] else { return nil }
            if exchange.waiting > Self.waitingLimit { return exchange.close }
            state.open[line.id]?.waiting += line.size
            exchange.parts.yield(line)
            if line.isLast {
                state.open[line.id] = nil
                exchange.parts.finish()
            }
            return nil
        }
        closeSlow?()
    }

    /// The client has taken a part of the answer.
    func taken(_ line: InputLine) {
        state.withLock { $0.open[line.id]?.waiting -= line.size }
    }

    /// Tells the application that the answer is no longer needed, unless it is complete.
    func lose(_ id: Int) {
        guard let exchange = state.withLock({ $0.open.removeValue(forKey: id) }) else { return }
        exchange.parts.finish()
        Output.write(.gone(id: id))
    }
}
