import Processes
import Testing

@Suite("Network interfaces of this machine", .timeLimit(.minutes(10)))
struct NetworkInterfaceTests {
    @Test(
        "An interface is found by its address, or by a name for it",
        arguments: ["127.0.0.1", "localhost"])
    func loopback(_ host: String) {
        #expect(NetworkInterface.name(of: host) == "lo")
    }

    @Test(
        "No interface has an address of another machine",
        arguments: ["192.0.2.1", "nowhere.invalid", ""])
    func unknown(_ host: String) {
        #expect(NetworkInterface.name(of: host) == nil)
    }

    @Test("An unused port can be bound")
    func port() throws {
        let port = try #require(LocalPort.unused())
        #expect((1024...65_535).contains(port))
    }
}
