/// A request for a page.
package struct PageRequest: Hashable, Sendable {
    /// The decoded components of the path.
    package let path: [String]

    /// The fields of the query, or of a form, in their order.
    package let fields: [Field]

    /// Whether another site led here. Such a request shows a query, but does not run it.
    package let isForeign: Bool

    package struct Field: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(path: [String], fields: [Field] = [], isForeign: Bool = false) {
        self.path = path
        self.fields = fields
        self.isForeign = isForeign
    }

    /// The request for a decoded path and for fields as they are in a URL or a form; `nil` if a percent sign is not
    /// followed by two hexadecimal digits, or if the bytes are not UTF-8.
    package init?(path: String, query: String, isForeign: Bool = false) {
        var fields: [Field] = []
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(halves[0]),
                let value = Self.decoded(halves.count > 1 ? halves[1] : "")
            else { return nil }
            fields.append(Field(name, value))
        }
        self.init(
            path: path.split(separator: "/").map(String.init), fields: fields,
            isForeign: isForeign)
    }

    /// The first value of a field that is not empty.
    package subscript(name: String) -> String? {
        fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// All values of a field.
    package func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.prefix(2).allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// The address of a page of the dashboard.
package struct PageLink: Hashable, Sendable {
    package let text: String

    /// `path` with the fields that have a value.
    package init(_ path: String, _ fields: KeyValuePairs<String, String?> = [:]) {
        self.init(
            path, fields.compactMap { name, value in value.map { PageRequest.Field(name, $0) } })
    }

    package init(_ path: String, _ fields: [PageRequest.Field]) {
        let query = fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        text = path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:,".utf8)

    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
