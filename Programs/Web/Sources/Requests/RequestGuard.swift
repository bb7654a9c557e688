/// The head of a request.
package struct RequestHead {
    let method: String
    let target: String
    /// The values of each header, with names in lower case.
    let headers: [String: [String]]

    package init(method: String, target: String, headers: [String: [String]]) {
        self.method = method
        self.target = target
        self.headers = headers
    }

    func values(_ name: String) -> [String] { headers[name] ?? [] }
}

/// Decides which requests reach the application. Loopback is no protection: every page that a browser shows, and every
/// user of the host, can send requests to it.
package struct RequestGuard: Sendable {
    /// The maximum size of a form, in bytes.
    package static let bodyLimit = 64 << 10

    package enum Decision: Equatable {
        case admitted(Admitted)
        /// The token was right: the same address without it, and the header that sets the cookie.
        case redirected(location: String, cookie: String)
    }

    package struct Admitted: Equatable {
        package let method: String
        package let path: String
        package let query: String
        package let lastEvent: String?
        /// The request is a link that was followed on another site: the application must show what the query asks for
        /// and not do it.
        package let isForeignNavigation: Bool
    }

    private let hosts: Set<String>
    private let session: Session?

    /// - Parameters:
    ///   - hosts: names of this server; those without a port get `port`.
    ///   - session: nil if every user of this host is admitted.
    package init(hosts: [String], port: Int, session: Session?) {
        self.hosts = Set(
            hosts.map { host in
                let hasPort = host.contains { $0 == ":" } && host.last != "]"
                return (hasPort ? host : "\(host):\(port)").lowercased()
            })
        self.session = session
    }

    package func decision(on head: RequestHead) throws(Refusal) -> Decision {
        guard ["GET", "HEAD", "POST"].contains(head.method) else { throw .method }
        let target = try RequestTarget(head.target)
        guard head.values("upgrade").isEmpty else { throw .upgrade }
        let isOwn = try isSameOrigin(head)
        let isForeignNavigation = try isForeignNavigation(head)
        try checkBody(head, isOwn: isOwn)
        if let session {
            let tokens = target.values(of: "token")
            if !tokens.isEmpty {
                guard head.method == "GET", tokens.count == 1, session.isToken(tokens[0]) else {
                    throw .token
                }
                return .redirected(location: target.without("token"), cookie: session.cookie)
            }
            guard session.admits(head.values("cookie")) else { throw .session }
        }
        return .admitted(
            Admitted(
                method: head.method, path: target.path, query: target.query,
                lastEvent: head.values("last-event-id").first,
                isForeignNavigation: isForeignNavigation))
    }

    /// Whether the request is certainly one of this server's pages; throws if it is certainly one of another site's.
    private func isSameOrigin(_ head: RequestHead) throws(Refusal) -> Bool {
        guard head.values("host").count < 2 else { throw .twoHosts }
        guard let host = head.values("host").first?.lowercased(), hosts.contains(host) else {
            throw .host
        }
        let isSameSite = head.values("sec-fetch-site") == ["same-origin"]
        switch head.values("origin") {
        case []: return isSameSite
        case ["http://\(host)"]: return true
        // A form of a page whose policy is not to send referrers has this origin.
        case ["null"] where isSameSite: return true
        default: throw .origin
        }
    }

    private func isForeignNavigation(_ head: RequestHead) throws(Refusal) -> Bool {
        switch head.values("sec-fetch-site") {
        case [], ["same-origin"], ["none"]: return false
        case ["same-site"], ["cross-site"]:
            // Ports are one site, so the servers of other users on this host are of the same site.
            guard head.method == "GET", head.values("sec-fetch-mode") == ["navigate"],
                head.values("sec-fetch-dest") == ["document"]
            else { throw .site }
            return true
        default: throw .site
        }
    }

    private func checkBody(_ head: RequestHead, isOwn: Bool) throws(Refusal) {
        let lengths = head.values("content-length")
        guard head.method == "POST" else {
            guard head.values("transfer-encoding").isEmpty, lengths.allSatisfy({ $0 == "0" }) else {
                throw .unexpectedBody
            }
            return
        }
        guard isOwn else { throw .origin }
        let type = head.values("content-type").first?.split(separator: ";").first ?? ""
        guard type.lowercased() == "application/x-www-form-urlencoded" else { throw .contentType }
        guard lengths.allSatisfy({ (Int($0) ?? .max) <= Self.bodyLimit }) else {
            throw .bodyTooLong
        }
    }
}
