import HTTPTypes
import HummingbirdCore
import NIOCore
import Requests

/// Answers requests: with an asset, with what the application says, or with the reason why it is refused.
struct Front: Sendable {
    /// For a client to send the body of a request.
    private static let bodyTime = TimeAmount.seconds(10)
    /// For the application to begin its answer.
    private static let answerTime = TimeAmount.seconds(60)
    /// For a client to take one piece of an answer.
    private static let pieceTime = TimeAmount.seconds(30)
    private static let pieceSize = 64 << 10

    /// Ends the connection.
    private struct Closing: Error {}

    let settings: Settings
    let secret: String
    let exchanges: Exchanges

    func respond(
        to request: Request, with writer: consuming ResponseWriter, on channel: any Channel
    ) async throws {
        var reply: Reply
        do {
            reply = try await self.reply(to: request, on: channel)
        } catch let refusal as Refusal {
            reply = .refusal(refusal)
        }
        if reply.rest == nil {
            reply.head.headerFields[.contentLength] = "\(reply.body.readableBytes)"
        }
        var output = try await writer.writeHead(reply.head)
        if request.method == .head {
            if let (id, _) = reply.rest { exchanges.lose(id) }
        } else {
            try await send(reply.body, to: &output, on: channel)
            if let (id, parts) = reply.rest {
                try await send(parts, of: id, to: &output, on: channel)
            }
        }
        try await output.finish(nil)
        if reply.isLast { throw Closing() }
    }

    private func reply(to request: Request, on channel: any Channel) async throws -> Reply {
        let port = channel.localAddress?.port ?? 0
        let requestGuard = RequestGuard(
            hosts: settings.hosts ?? Settings.defaultHosts, port: port,
            session: settings.token.map { Session(token: $0, port: port, secret: secret) })
        switch try requestGuard.decision(on: RequestHead(request.head)) {
        case .redirected(let location, let cookie):
            return .redirection(to: location, cookie: cookie)
        case .admitted(let admitted) where admitted.path.hasPrefix("/assets/"):
            guard let asset = Asset.served[admitted.path] else { throw Refusal.noAsset }
            return .asset(asset, isCurrent: admitted.query == "v=\(asset.digest)")
        case .admitted(let admitted):
            let body = admitted.method == "POST" ? try await form(of: request, on: channel) : nil
            return try await answer(to: admitted, body: body, on: channel)
        }
    }

    private func form(of request: Request, on channel: any Channel) async throws -> String {
        let timer = closing(channel, in: Self.bodyTime)
        defer { timer.cancel() }
        do {
            let body = try await request.body.collect(upTo: RequestGuard.bodyLimit)
            guard let text = String(validating: body.readableBytesView, as: UTF8.self),
                RequestTarget.isForm(text)
            else { throw Refusal.notForm }
            return text
        } catch is NIOTooManyBytesError {
            throw Refusal.bodyTooLong
        }
    }

    private func answer(
        to admitted: RequestGuard.Admitted, body: String?, on channel: any Channel
    ) async throws -> Reply {
        let (id, stream) = exchanges.begin(admitted, body: body) {
            channel.close(promise: nil)
        }
        channel.closeFuture.whenComplete { _ in exchanges.lose(id) }
        let timer = channel.eventLoop.scheduleTask(in: Self.answerTime) { exchanges.lose(id) }
        defer { timer.cancel() }
        var parts = stream.makeAsyncIterator()
        guard let first = await parts.next() else { throw Refusal.late }
        exchanges.taken(first)
        return .answer(first, rest: parts)
    }

    /// Sends the chunks of a stream. If it does not end as the application said, the connection does.
    private func send(
        _ parts: AsyncStream<InputLine>.Iterator, of id: Int,
        to output: inout some ResponseBodyWriter, on channel: any Channel
    ) async throws {
        var parts = parts
        while let part = await parts.next() {
            try await send(ByteBuffer(string: part.chunk ?? ""), to: &output, on: channel)
            exchanges.taken(part)
            if part.isLast { return }
        }
        throw Closing()
    }

    private func send(
        _ bytes: ByteBuffer, to output: inout some ResponseBodyWriter, on channel: any Channel
    ) async throws {
        var bytes = bytes
        while let piece = bytes.readSlice(length: min(bytes.readableBytes, Self.pieceSize)),
            piece.readableBytes > 0
        {
            let timer = closing(channel, in: Self.pieceTime)
            defer { timer.cancel() }
            try await output.write(piece)
        }
    }

    private func closing(_ channel: any Channel, in time: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}

extension RequestHead {
    init(_ head: HTTPRequest) {
        // The first `Host` header is kept apart from the others.
        var headers = ["host": head.authority.map { [$0] } ?? []]
        for field in head.headerFields {
            headers[field.name.canonicalName, default: []].append(field.value)
        }
        self.init(method: head.method.rawValue, target: head.path ?? "", headers: headers)
    }
}
