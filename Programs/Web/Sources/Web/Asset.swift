import Embedded
import Requests

/// A file of the program that is served.
struct Asset {
    let type: String
    let bytes: [UInt8]
    let digest: String

    /// By path.
    static let served: [String: Asset] = files.reduce(into: [:]) { assets, file in
        guard let type = file.type else { return }
        assets["/assets/\(file.name)"] = Asset(
            type: type, bytes: file.bytes, digest: AnswerHeaders.digest(file.bytes))
    }

    /// Where each file is served, by its name.
    static var addresses: [String: String] {
        served.reduce(into: [:]) {
            $0[String($1.key.dropFirst("/assets/".count))] = "\($1.key)?v=\($1.value.digest)"
        }
    }

    /// The licences of what the program contains.
    static var notices: String {
        files.filter { $0.type == nil }.map { file in
            "\(file.name)\n\n" + String(decoding: file.bytes, as: UTF8.self)
        }.joined(separator: "\n\n")
    }

    private static var files: [(name: String, type: String?, bytes: [UInt8])] {
        (0..<embedded_count).map { index in
            let file = embedded_file(index).pointee
            return (
                String(cString: file.name), file.type.map { String(cString: $0) },
                Array(UnsafeBufferPointer(start: file.bytes, count: file.size))
            )
        }
    }
}
