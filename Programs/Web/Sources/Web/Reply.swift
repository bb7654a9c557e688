import HTTPTypes
import NIOCore
import Requests

/// The answer to a request.
struct Reply {
    var head: HTTPResponse
    var body: ByteBuffer
    /// The other parts of a stream, and its request.
    var rest: (id: Int, parts: AsyncStream<InputLine>.Iterator)?
    /// Whether the connection is closed, because the rest of the request is not read.
    var isLast = false

    private init(
        _ status: Int, type: String, body: ByteBuffer, fields: [String: String] = [:],
        isAsset: Bool = false
    ) {
        var headers = HTTPFields()
        let all = fields.merging(AnswerHeaders.security) { $1 }.merging([
            "Content-Type": type, "Cache-Control": AnswerHeaders.caching(asAsset: isAsset),
        ]) { $1 }
        for (name, value) in all {
            guard let name = HTTPField.Name(name) else { continue }
            headers[name] = value
        }
        head = HTTPResponse(status: HTTPResponse.Status(code: status), headerFields: headers)
        self.body = body
    }

    static func redirection(to location: String, cookie: String) -> Reply {
        Reply(
            303, type: "text/plain", body: ByteBuffer(),
            fields: ["Location": location, "Set-Cookie": cookie])
    }

    static func asset(_ asset: Asset, isCurrent: Bool) -> Reply {
        Reply(200, type: asset.type, body: ByteBuffer(bytes: asset.bytes), isAsset: isCurrent)
    }

    static func refusal(_ refusal: Refusal) -> Reply {
        var reply = Reply(
            refusal.status, type: "text/plain; charset=utf-8",
            body: ByteBuffer(string: refusal.sentence + "\n"),
            fields: ["Connection": "close"].merging(refusal.headers) { $1 })
        reply.isLast = true
        return reply
    }

    /// What the application says first; `rest` are its other lines if it goes on.
    static func answer(_ line: InputLine, rest: AsyncStream<InputLine>.Iterator) -> Reply {
        let isOpen = line.open == true
        var reply = Reply(
            line.status ?? 200,
            type: line.type ?? (isOpen ? "text/event-stream" : "text/plain; charset=utf-8"),
            body: ByteBuffer(string: line.body ?? ""), fields: line.headers ?? [:])
        if isOpen { reply.rest = (line.id, rest) }
        return reply
    }
}
