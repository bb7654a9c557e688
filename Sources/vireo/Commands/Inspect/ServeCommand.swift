import ArgumentParser
import Dashboard
import Foundation
import Processes
import Report
import Store

/// `vireo serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Shows the store in a browser: runs, stages, results and queries, live.",
        discussion: """
            The pages are on this machine alone, and whoever opens them needs the address that is printed, with its \
            token. The store is only read. Ctrl-C ends the program.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("The port; 0 for any that is free.", valueName: "number"))
    var port = 7331

    @Flag(
        name: .long,
        help: "Admit every user of this machine without a token.")
    var noToken = false

    @OptionGroup var store: StoreOptions

    func validate() throws {
        guard (0...65535).contains(port) else {
            throw ValidationError("--port is a number from 0 to 65535")
        }
    }

    func run() async throws {
        let store = try store.open()
        let environment = ProcessInfo.processInfo.environment
        let path = WebServer.path(beside: CommandLine.program, or: environment["PATH"] ?? "")
        guard let path else { throw CommandError.noWebServer }
        let server = try WebServer(path: path, environment: environment) {
            StandardStream.complain("vireo: \($0)\n")
        }
        let token = noToken ? nil : Self.token()
        let listening = try await server.listen(port: port, token: token)
        let address = "http://127.0.0.1:\(listening.port)/" + (token.map { "?token=\($0)" } ?? "")
        try StandardStream.print(
            """
            \(address)

            From another machine: ssh -L \(listening.port):127.0.0.1:\(listening.port) \(Self.host), then open this address there.

            """)
        await server.serve(try Dashboard(store, assets: listening.assets))
    }

    /// 128 random bits.
    private static func token() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static var host: String { ProcessInfo.processInfo.hostName }
}
