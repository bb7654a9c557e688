/// Why a request is not answered by the application.
package enum Refusal: Error, Equatable {
    case method
    case target
    case targetTooLong
    case upgrade
    case twoHosts
    /// The `Host` header names something else than this server, as after DNS rebinding.
    case host
    case origin
    case site
    case unexpectedBody
    case contentType
    case bodyTooLong
    case notForm
    /// There is neither the token nor the cookie.
    case session
    case token
    case noAsset
    /// The application did not answer in time.
    case late

    package var status: Int {
        switch self {
        case .target, .upgrade, .twoHosts, .unexpectedBody, .notForm: 400
        case .session, .token: 401
        case .origin, .site: 403
        case .noAsset: 404
        case .method: 405
        case .bodyTooLong: 413
        case .targetTooLong: 414
        case .contentType: 415
        case .host: 421
        case .late: 504
        }
    }

    package var headers: [String: String] {
        self == .method ? ["Allow": "GET, HEAD, POST"] : [:]
    }

    package var sentence: String {
        switch self {
        case .method: "The methods are GET, HEAD and POST."
        case .target:
            "The address is not a path of this server: it has a control character, an empty or relative part, a "
                + "backslash, or an escape that is not UTF-8."
        case .targetTooLong: "The address is longer than \(RequestTarget.limit) bytes."
        case .upgrade: "Connections are not upgraded to another protocol."
        case .twoHosts: "There are two Host headers."
        case .host:
            "This server is not known by the name in the address. Open the address that vireo serve printed, or name "
                + "this host with its option --host."
        case .origin, .site: "Requests of other sites are refused."
        case .unexpectedBody: "Only POST has a body."
        case .contentType: "The body must be a form: application/x-www-form-urlencoded."
        case .bodyTooLong: "The body is longer than \(RequestGuard.bodyLimit) bytes."
        case .notForm: "The body is not a form in UTF-8."
        case .session:
            "This page needs the token: open the address that vireo serve printed when it started, with ?token= in it."
        case .token:
            "The token is not the one of this server: open the address that vireo serve printed when it started."
        case .noAsset: "There is no such file."
        case .late: "The page took too long. Try again, or look at the terminal of vireo serve."
        }
    }
}
