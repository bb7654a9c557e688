import Requests
import Testing

@Suite("Lines of the protocol", .timeLimit(.minutes(10)))
struct LinesTests {
    private func text(_ line: OutputLine) throws -> String {
        String(decoding: try line.bytes(), as: UTF8.self)
    }

    @Test("Output is one object on each line")
    func output() throws {
        #expect(
            try text(.listening(port: 7331, assets: ["a.js": "/assets/a.js?v=1"]))
                == #"{"assets":{"a.js":"/assets/a.js?v=1"},"listening":7331}"# + "\n")
        #expect(try text(.error("no")) == #"{"error":"no"}"# + "\n")
        #expect(try text(.gone(id: 3)) == #"{"gone":true,"id":3}"# + "\n")
    }

    @Test("The application sees HEAD as GET, and text as it is")
    func request() throws {
        let open = RequestGuard(hosts: ["localhost"], port: 1, session: nil)
        let head = RequestHead(
            method: "HEAD", target: "/%22%C2%A0?a=%0A", headers: ["host": ["localhost:1"]])
        guard case .admitted(let admitted) = try open.decision(on: head) else {
            return #expect(Bool(false))
        }
        #expect(
            try text(.request(id: 1, admitted, body: "a\nb"))
                == #"{"body":"a\nb","id":1,"lastEvent":null,"method":"GET","navigation":false,"#
                + #""path":"/\""# + "\u{A0}" + #"","query":"a=%0A"}"# + "\n")
    }

    @Test("An answer is whole, or goes on until its end")
    func input() throws {
        let whole = try InputLine(#"{"id":1,"status":200,"type":"text/html","body":"é"}"#)
        #expect(whole.isLast && whole.size == 2)
        #expect(!(try InputLine(#"{"id":1,"status":200,"open":true}"#)).isLast)
        #expect(!(try InputLine(#"{"id":1,"chunk":"data: 1\n\n"}"#)).isLast)
        #expect(try InputLine(#"{"id":1,"end":true}"#).isLast)
    }

    @Test(
        "Heads that cannot be sent are refused",
        arguments: [
            "", "{}", #"{"id":"1"}"#, #"{"id":1,"status":99}"#, #"{"id":1,"status":1000}"#,
            #"{"id":1,"status":200,"type":"a\r\nb"}"#,
            #"{"id":1,"status":200,"headers":{"a b":"c"}}"#,
            #"{"id":1,"status":200,"headers":{"":"c"}}"#,
            #"{"id":1,"status":200,"headers":{"a":"\n"}}"#,
        ])
    func invalid(line: String) {
        #expect(throws: (any Error).self) { try InputLine(line) }
    }

    @Test("Only the port is needed in the settings")
    func settings() throws {
        let settings = try Settings(#"{"port":0}"#)
        #expect(settings.port == 0 && settings.hosts == nil && settings.token == nil)
        #expect(throws: (any Error).self) { try Settings(#"{"token":"a"}"#) }
    }

    @Test("Digests tell contents apart")
    func digests() {
        #expect(AnswerHeaders.digest([]) == "cbf29ce484222325")
        #expect(AnswerHeaders.digest(Array("a".utf8)) == "af63dc4c8601ec8c")
    }
}
