import FoundationEssentials

/// The first line of standard input.
package struct Settings: Decodable {
    /// 0 is any free port.
    package let port: Int
    package let hosts: [String]?
    /// Nil admits every user of this host.
    package let token: String?

    package init(_ line: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
    }

    package static let defaultHosts = ["127.0.0.1", "localhost", "[::1]"]
}

/// A line of standard output: the first says where the server listens, or why it does not; the others are requests and
/// the departures of clients.
package enum OutputLine: Encodable {
    /// Assets are addresses by name.
    case listening(port: Int, assets: [String: String])
    case error(String)
    case request(id: Int, RequestGuard.Admitted, body: String?)
    /// The client left, or waited too long, before the answer ended.
    case gone(id: Int)

    private enum Key: CodingKey {
        case listening, assets, error, id, method, path, query, lastEvent, navigation, body, gone
    }

    package func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: Key.self)
        switch self {
        case .listening(let port, let assets):
            try line.encode(port, forKey: .listening)
            try line.encode(assets, forKey: .assets)
        case .error(let sentence): try line.encode(sentence, forKey: .error)
        case .request(let id, let request, let body):
            try line.encode(id, forKey: .id)
            // The application answers both alike; the body of the answer to HEAD is not sent.
            try line.encode(request.method == "HEAD" ? "GET" : request.method, forKey: .method)
            try line.encode(request.path, forKey: .path)
            try line.encode(request.query, forKey: .query)
            try line.encode(request.lastEvent, forKey: .lastEvent)
            try line.encode(request.isForeignNavigation, forKey: .navigation)
            try line.encode(body, forKey: .body)
        case .gone(let id):
            try line.encode(id, forKey: .id)
            try line.encode(true, forKey: .gone)
        }
    }

    /// With the line break.
    package func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try encoder.encode(self) + [10]
    }
}

/// A line of standard input: an answer, or a part of a stream.
package struct InputLine: Decodable, Sendable {
    package let id: Int
    package let status: Int?
    package let type: String?
    package let headers: [String: String]?
    package let body: String?
    /// The answer goes on with chunks until a line with `end`.
    package let open: Bool?
    package let chunk: String?
    package let end: Bool?

    package init(_ line: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
        guard (200...599).contains(status ?? 200),
            (headers ?? [:]).allSatisfy({ Self.isName($0) && Self.isValue($1) }),
            Self.isValue(type ?? "")
        else { throw InvalidHead() }
    }

    private struct InvalidHead: Error {}

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }

    /// Whether it is visible ASCII and spaces: a line break would begin another header.
    private static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    package var isLast: Bool { end == true || (status != nil && open != true) }
    /// The size that waits for the client, in bytes.
    package var size: Int { (chunk ?? body ?? "").utf8.count }
}
