/// The path and query of a request, checked.
package struct RequestTarget: Equatable {
    package static let limit = 8192

    /// As sent: visible ASCII without a scheme and host.
    let rawPath: Substring
    let query: String
    /// With escapes decoded. No part of it is empty, but for the last, or `.` or `..`, has a slash of its own or a
    /// backslash, or could be decoded again.
    package let path: String

    package init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= Self.limit else { throw .targetTooLong }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw .target
        }
        let pieces = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        rawPath = pieces[0]
        query = pieces.count > 1 ? String(pieces[1]) : ""
        let parts = rawPath.split(separator: "/", omittingEmptySubsequences: false)
        // The part before the first slash is empty, unless it is a scheme, `*` or a host for CONNECT.
        guard parts.count > 1, parts[0].isEmpty, Self.isForm(query) else { throw .target }
        for (index, part) in parts.enumerated().dropFirst() {
            // A path that starts with two slashes would send a redirect to another host.
            guard let name = Self.decoded(part), !part.isEmpty || index == parts.count - 1,
                name != ".", name != "..", !name.contains(where: { "/\\".contains($0) }),
                !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }),
                !name.contains("%") || Self.decoded(Substring(name)) == nil
            else { throw .target }
        }
        path = Self.decoded(rawPath) ?? ""
    }

    /// The values of `name` in the query.
    func values(of name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The path and query as sent, without the fields `name`.
    func without(_ name: String) -> String {
        let rest = fields.filter { $0.name != name }.map(\.text).joined(separator: "&")
        return rest.isEmpty ? String(rawPath) : rawPath + "?" + rest
    }

    private var fields: [(text: Substring, name: String, value: String)] {
        query.split(separator: "&").map { text in
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                text, Self.decoded(pair[0]) ?? "", pair.count > 1 ? Self.decoded(pair[1]) ?? "" : ""
            )
        }
    }

    /// Whether the escapes of a query or form are those of text without control characters other than tabs and line
    /// breaks, which queries in SQL have.
    package static func isForm(_ text: String) -> Bool {
        decoded(Substring(text))?.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control || ["\t", "\n", "\r"].contains($0)
        } ?? false
    }

    /// Nil if an escape is malformed or the bytes are not UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            // `UInt8(_:radix:)` also reads signs.
            guard let high = rest.popFirst().flatMap(hexadecimal),
                let low = rest.popFirst().flatMap(hexadecimal)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
