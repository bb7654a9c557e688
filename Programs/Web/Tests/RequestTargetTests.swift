import Requests
import Testing

@Suite("Addresses are decoded once and checked", .timeLimit(.minutes(10)))
struct RequestTargetTests {
    @Test(
        "Paths are decoded",
        arguments: [
            ("/", "/"), ("/run/7", "/run/7"), ("/run/7/", "/run/7/"), ("/a?b/../c", "/a"),
            ("/final%5Bseed=3%5D", "/final[seed=3]"), ("/%e2%88%91+x", "/∑+x"),
            ("/100%25", "/100%"),
            ("/...", "/..."), ("/a;b", "/a;b"), ("/?", "/"),
        ])
    func decoded(target: String, path: String) throws {
        #expect(try RequestTarget(target).path == path)
    }

    @Test(
        "Paths that lead elsewhere, or that another program may read otherwise, are refused",
        arguments: [
            "", "*", "run", "http://127.0.0.1/", "//evil.example/", "/a//b", "/..", "/a/../b",
            "/./a",
            "/%2e%2e/a", "/%2E./a", "/a%2fb", "/a\\b", "/%5c..", "/%252e%252e/", "/%00",
            "/a%0d%0aX:1",
            "/%7f", "/%c2%85", "/%", "/%2", "/%zz", "/%+1", "/%ff", "/%c0%ae", "/%ed%a0%80", "/a b",
            "/é",
            "/a#b", "/\u{7F}", "/?a=%00", "/?a=%ff", "/?a=%1b", "/?%",
        ])
    func refused(target: String) {
        #expect(throws: Refusal.target) { try RequestTarget(target) }
    }

    @Test("Line breaks and tabs are part of queries in SQL")
    func lines() throws {
        #expect(try RequestTarget("/sql?q=select%0D%0A%091%25a").path == "/sql")
        #expect(RequestTarget.isForm("q=select+1%0A") && !RequestTarget.isForm("q=%08"))
    }

    @Test("The limit is in bytes")
    func limit() throws {
        #expect(try RequestTarget("/" + String(repeating: "a", count: 8191)).path.count == 8192)
        #expect(throws: Refusal.targetTooLong) {
            try RequestTarget("/" + String(repeating: "a", count: 8192))
        }
    }

    @Test("No path of three symbols has a part that is empty, dots or a separator once decoded")
    func enumeration() {
        let symbols = ["a", "/", ".", "%2e", "%2f", "%5c", "\\", "%25", "2e", "%00", "?"]
        for first in symbols {
            for second in symbols {
                for third in symbols {
                    guard let target = try? RequestTarget("/" + first + second + third) else {
                        continue
                    }
                    let parts = target.path.split(separator: "/", omittingEmptySubsequences: false)
                    #expect(parts.dropFirst().dropLast().allSatisfy { !$0.isEmpty }, "\(target)")
                    #expect(parts.allSatisfy { $0 != "." && $0 != ".." }, "\(target)")
                    #expect(!target.path.contains { "\\\0".contains($0) }, "\(target)")
                }
            }
        }
    }
}
