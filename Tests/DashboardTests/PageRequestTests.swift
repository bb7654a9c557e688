import Dashboard
import Testing

@Suite("Requests for pages", .timeLimit(.minutes(10)))
struct PageRequestTests {
    @Test("Fields are decoded as forms and links encode them, in their order")
    func fields() throws {
        let request = try #require(
            PageRequest(path: "/run/7/stage", query: "id=final%5Bseed%3D3%5D&a=b+c&empty=&a=%C3%A4")
        )
        #expect(request.path == ["run", "7", "stage"])
        #expect(request["id"] == "final[seed=3]")
        #expect(request["a"] == "b c" && request.all("a") == ["b c", "ä"])
        #expect(request["empty"] == nil && request["none"] == nil)
        #expect(!request.isForeign)
    }

    @Test(
        "A broken escape makes no request",
        arguments: ["a=%", "a=%4", "a=%zz", "a=%+1", "%ff=1", "a=%c3%28"])
    func broken(query: String) {
        #expect(PageRequest(path: "/", query: query) == nil)
    }

    @Test("A link gives the fields back, whatever is in them")
    func links() throws {
        let value = "a&b=c d+e%20ä\"<>'#?/\n\u{0}[seed=3]"
        let link = PageLink("/sql", ["q": value, "left out": nil, "x y": "1"])
        let parts = link.text.split(separator: "?", maxSplits: 1)
        let request = try #require(PageRequest(path: String(parts[0]), query: String(parts[1])))
        #expect(request["q"] == value)
        #expect(request.fields.map(\.name) == ["q", "x y"])
        #expect(PageLink("/").text == "/")
    }
}
