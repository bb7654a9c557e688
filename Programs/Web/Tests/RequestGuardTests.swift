import Requests
import Testing

private typealias Decision = RequestGuard.Decision

/// Requests of a server on port 7331 whose token is `sesame` and whose cookie is `vireo-7331=secret`.
@Suite("Requests are admitted only from pages of this server", .timeLimit(.minutes(10)))
struct RequestGuardTests {
    private let requestGuard = RequestGuard(
        hosts: Settings.defaultHosts + ["login.example:9000"], port: 7331,
        session: Session(token: "sesame", port: 7331, secret: "secret"))

    /// The status of the refusal; 303 for the redirect of the token, and 200 if the request is admitted.
    private func status(
        _ method: String = "GET", _ target: String = "/", _ changes: [String: [String]] = [:]
    ) -> Int {
        var headers = ["host": ["127.0.0.1:7331"], "cookie": ["vireo-7331=secret"]]
        headers.merge(changes) { $1 }
        do throws(Refusal) {
            let head = RequestHead(method: method, target: target, headers: headers)
            switch try requestGuard.decision(on: head) {
            case .admitted: return 200
            case .redirected: return 303
            }
        } catch {
            return error.status
        }
    }

    private func decision(_ target: String, _ headers: [String: [String]]) throws -> Decision {
        let headers = headers.merging(["host": ["localhost:7331"]]) { $1 }
        return try requestGuard.decision(
            on: RequestHead(method: "GET", target: target, headers: headers))
    }

    @Test(
        "Only names of this server, with its port, are hosts",
        arguments: [
            ("127.0.0.1:7331", 200), ("LocalHost:7331", 200), ("[::1]:7331", 200),
            ("login.example:9000", 200), ("login.example:7331", 421), ("evil.example:7331", 421),
            ("127.0.0.1", 421), ("127.0.0.1:80", 421), ("localhost.:7331", 421), ("", 421),
            ("127.0.0.1:7331@evil.example", 421), ("127.0.0.1:7331, evil.example", 421),
        ])
    func host(host: String, expected: Int) {
        #expect(status("GET", "/", ["host": [host]]) == expected)
    }

    @Test("A request has one host")
    func hosts() {
        #expect(status("GET", "/", ["host": []]) == 421)
        #expect(status("GET", "/", ["host": ["127.0.0.1:7331", "127.0.0.1:7331"]]) == 400)
    }

    @Test(
        "Every origin but the one in the address is foreign",
        arguments: [
            ("http://127.0.0.1:7331", 200), ("https://127.0.0.1:7331", 403),
            ("http://localhost:7331", 403), ("http://127.0.0.1:7332", 403), ("null", 403),
            ("", 403), ("http://127.0.0.1:7331.evil.example", 403),
        ])
    func origin(origin: String, expected: Int) {
        #expect(status("GET", "/", ["origin": [origin]]) == expected)
        #expect(status("GET", "/", ["origin": [origin, "http://127.0.0.1:7331"]]) == 403)
    }

    @Test("Of other sites only links that are followed are admitted, and are marked")
    func sites() throws {
        for site in ["same-site", "cross-site"] {
            let link = [
                "sec-fetch-site": [site], "sec-fetch-mode": ["navigate"],
                "sec-fetch-dest": ["document"],
            ]
            #expect(status("GET", "/", link) == 200)
            #expect(status("HEAD", "/", link) == 403)
            #expect(status("GET", "/", link.merging(["sec-fetch-dest": ["iframe"]]) { $1 }) == 403)
            #expect(status("GET", "/", link.merging(["sec-fetch-mode": ["no-cors"]]) { $1 }) == 403)
            #expect(status("GET", "/", ["sec-fetch-site": [site]]) == 403)
            let cookie = ["cookie": ["vireo-7331=secret"]]
            guard case .admitted(let admitted) = try decision("/", link.merging(cookie) { $1 })
            else { return #expect(Bool(false)) }
            #expect(admitted.isForeignNavigation)
        }
        for site in ["same-origin", "none"] {
            #expect(status("GET", "/", ["sec-fetch-site": [site]]) == 200)
        }
        #expect(status("GET", "/", ["sec-fetch-site": ["other"]]) == 403)
        #expect(status("GET", "/", ["sec-fetch-site": ["none", "none"]]) == 403)
    }

    @Test("Forms come from pages of this server")
    func forms() {
        let form = ["content-type": ["application/x-www-form-urlencoded"]]
        let own = form.merging(["origin": ["http://127.0.0.1:7331"]]) { $1 }
        #expect(status("POST", "/sql", own) == 200)
        #expect(status("POST", "/sql", form) == 403)
        #expect(status("POST", "/sql", form.merging(["sec-fetch-site": ["none"]]) { $1 }) == 403)
        let page = form.merging(["sec-fetch-site": ["same-origin"]]) { $1 }
        #expect(status("POST", "/sql", page) == 200)
        // Without referrers, the origin of a form is null.
        #expect(status("POST", "/sql", page.merging(["origin": ["null"]]) { $1 }) == 200)
        #expect(status("POST", "/sql", own.merging(["content-length": ["65536"]]) { $1 }) == 200)
        #expect(status("POST", "/sql", own.merging(["content-length": ["65537"]]) { $1 }) == 413)
        for type in ["text/plain", "multipart/form-data; boundary=x", "application/json", ""] {
            #expect(status("POST", "/sql", own.merging(["content-type": [type]]) { $1 }) == 415)
        }
    }

    @Test("Other methods, upgrades and bodies of other methods are refused")
    func methods() {
        for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PRI"] {
            #expect(status(method) == 405)
        }
        #expect(status("HEAD") == 200)
        #expect(status("GET", "/", ["upgrade": ["h2c"]]) == 400)
        #expect(status("GET", "/", ["content-length": ["5"]]) == 400)
        #expect(status("HEAD", "/", ["transfer-encoding": ["chunked"]]) == 400)
        #expect(status("GET", "/", ["content-length": ["0"]]) == 200)
    }

    @Test("The token is exchanged for a cookie at the same address")
    func token() throws {
        let cookie = "vireo-7331=secret; Path=/; HttpOnly; SameSite=Lax"
        #expect(
            try decision("/run/7?a=%20&token=sesame&b", [:])
                == .redirected(location: "/run/7?a=%20&b", cookie: cookie))
        #expect(
            try decision("/?%74oken=sesame", [:]) == .redirected(location: "/", cookie: cookie))
        for query in [
            "token=", "token", "token=Sesame", "token=sesam", "token=sesame1", "token=secret",
            "token=sesame&token=sesame",
        ] {
            #expect(status("GET", "/?" + query) == 401)
        }
        #expect(status("HEAD", "/?token=sesame") == 401)
    }

    @Test(
        "Only the cookie of this process admits",
        arguments: [
            ("vireo-7331=secret", 200), ("a=b; vireo-7331=secret; c=d", 200),
            ("vireo-7331=x; vireo-7331=secret", 200), ("vireo-7331=sesame", 401),
            ("vireo-7331=", 401), ("vireo-7332=secret", 401), ("vireo-7331=\"secret\"", 401),
            ("vireo-7331=secretx", 401), ("token=sesame", 401), ("", 401),
        ])
    func cookie(cookie: String, expected: Int) {
        #expect(status("GET", "/", ["cookie": [cookie]]) == expected)
    }

    @Test("Without a token every user of the host is admitted, but no other site")
    func open() throws {
        let open = RequestGuard(hosts: ["localhost"], port: 80, session: nil)
        let headers = ["host": ["localhost:80"], "last-event-id": ["12"]]
        let head = RequestHead(method: "GET", target: "/a?token=x", headers: headers)
        guard case .admitted(let admitted) = try open.decision(on: head) else {
            return #expect(Bool(false))
        }
        #expect(admitted.path == "/a" && admitted.query == "token=x")
        #expect(admitted.lastEvent == "12" && !admitted.isForeignNavigation)
        let foreign = RequestHead(
            method: "GET", target: "/", headers: headers.merging(["origin": ["null"]]) { $1 })
        #expect(throws: Refusal.origin) { try open.decision(on: foreign) }
    }

    @Test("Secrets are 256 bits and differ")
    func secrets() {
        let secrets = (0..<100).map { _ in Session.randomSecret() }
        #expect(Set(secrets).count == 100 && secrets.allSatisfy { $0.utf8.count == 64 })
    }
}
