import Files
import Foundation
import JSON

/// The place of a running server: its address, or a file in which the job that runs the server announces the address.
package enum ServerPlace: InferenceServer, Hashable {
    case address(String)
    case file(String)

    /// `http://host:port`, with or without `/v1`, or an absolute path. `nil` for any other text.
    package init?(_ text: String) {
        if FilePath.isAbsolute(text) {
            self = .file(text)
        } else if let address = Self.address(text) {
            self = .address(address)
        } else {
            return nil
        }
    }

    package var name: String {
        switch self {
        case .address(let address): address
        case .file(let path): "the server of \(path)"
        }
    }

    package var restarts: Bool { false }

    /// The address. A file is read each time, because a restarted job has another one. Throws if there is none.
    package func url() throws(HTTPFailure) -> String {
        switch self {
        case .address(let address): return address
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw HTTPFailure(.connect, detail: "there is no file \(path)")
            }
            guard let value = JSONValue(json: String(decoding: data, as: UTF8.self)),
                let url = value["url"]?.text.flatMap(Self.address)
            else {
                throw HTTPFailure(.connect, detail: "\(path) has no `url` of a server")
            }
            return url
        }
    }

    private static func address(_ text: String) -> String? {
        var address = Substring(text)
        while address.hasSuffix("/") { address.removeLast() }
        if address.hasSuffix("/v1") { address.removeLast(3) }
        while address.hasSuffix("/") { address.removeLast() }
        let start = ["http://", "https://"].first { address.hasPrefix($0) }
        guard let start, address.count > start.count else { return nil }
        return String(address)
    }
}
