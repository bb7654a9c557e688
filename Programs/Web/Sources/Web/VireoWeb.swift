import Dispatch
import Glibc
import NIOCore
import Requests

/// `vireo-web`: accepts the requests of browsers on the loopback interface, refuses those that are not of this server's
/// pages, and passes the others as lines of JSON to the program that started it, whose answers it reads from standard
/// input. It ends at the end of its input.
@main
enum VireoWeb {
    static func main() async {
        if CommandLine.arguments.dropFirst() == ["--licenses"] {
            Output.write(Array(Asset.notices.utf8))
            return
        }
        guard CommandLine.arguments.count == 1, let line = readLine() else {
            fail(64, "settings are expected as a line of JSON on standard input, and no argument.")
        }
        let settings = parse(line, as: Settings.init)
        let exchanges = Exchanges()
        let listener = Listener(settings: settings, exchanges: exchanges)
        do {
            try await listener.run { port in
                Output.write(.listening(port: port, assets: Asset.addresses))
                // A queue, because reading blocks its thread.
                DispatchQueue(label: "input").async {
                    while let line = readLine() {
                        exchanges.deliver(parse(line, as: InputLine.init))
                    }
                    exit(0)
                }
            }
        } catch {
            Output.write(.error(sentence(error, port: settings.port)))
            exit(1)
        }
    }

    /// Ends the program if the line is wrong, because its sender would wait for an answer.
    private static func parse<Value>(_ line: String, as decode: (String) throws -> Value) -> Value {
        do {
            return try decode(line)
        } catch {
            fail(64, "not a line of the protocol: \(error)")
        }
    }

    private static func fail(_ status: Int32, _ message: String) -> Never {
        Output.write(Array("vireo-web: \(message)\n".utf8), to: STDERR_FILENO)
        exit(status)
    }

    private static func sentence(_ error: any Error, port: Int) -> String {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: "Port \(port) is in use. Choose another, or 0 for any free port."
        case EACCES: "Port \(port) is not permitted to this user. Choose one above 1023."
        case let code?:
            "The server cannot listen on port \(port): \(String(cString: strerror(code)))."
        case nil: "The server cannot listen on port \(port): \(error)"
        }
    }
}
