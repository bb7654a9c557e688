/// The token of the address that is printed, and the cookie that a browser gets for it.
///
/// The cookie is not the token, so that what a browser stores ends with this process. Cookies are shared by all ports
/// of a host, so the name contains the port.
package struct Session: Sendable {
    private let token: String
    private let name: String
    private let secret: String

    /// - Parameter secret: hexadecimal digits that nobody can guess, made by this process.
    package init(token: String, port: Int, secret: String) {
        self.token = token
        self.secret = secret
        name = "vireo-\(port)"
    }

    /// 256 random bits in hexadecimal.
    package static func randomSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The `Set-Cookie` header. `Lax` rather than `Strict`, because a browser would not send a strict cookie after a
    /// click in a notebook, mail or chat, nor after the redirect that sets it. Lax sends it to the navigations of
    /// other sites only, which are marked for the application and change nothing.
    var cookie: String { "\(name)=\(secret); Path=/; HttpOnly; SameSite=Lax" }

    func isToken(_ text: String) -> Bool { Self.equal(text, token) }

    /// Whether one of the cookies, as `Cookie` headers, is the one of this session.
    func admits(_ cookies: [String]) -> Bool {
        cookies.joined(separator: ";").split(separator: ";").contains { cookie in
            Self.equal(cookie.drop { $0 == " " }, "\(name)=\(secret)")
        }
    }

    /// Compares in a time that depends on the lengths alone.
    private static func equal(_ left: some StringProtocol, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
