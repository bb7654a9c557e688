/// The answer to a request for a page.
package struct PageAnswer: Hashable, Sendable {
    package let status: Int

    /// The media type.
    package let type: String
    package let body: String

    private init(status: Int = 200, type: String, body: String) {
        self.status = status
        self.type = type
        self.body = body
    }

    package static func html(_ source: String, status: Int = 200) -> PageAnswer {
        PageAnswer(status: status, type: "text/html; charset=utf-8", body: source)
    }

    package static func csv(_ text: String) -> PageAnswer {
        PageAnswer(type: "text/csv; charset=utf-8; header=present", body: text)
    }

    package static func json(_ text: String) -> PageAnswer {
        PageAnswer(type: "application/json", body: text)
    }

    package static func text(_ text: String, status: Int = 200) -> PageAnswer {
        PageAnswer(status: status, type: "text/plain; charset=utf-8", body: text)
    }
}
