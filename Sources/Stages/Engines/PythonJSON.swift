import Files
import Foundation
import JSON

/// JSON as Python writes it, which spells numbers that are not finite as `NaN`, `Infinity` and `-Infinity`.
package enum PythonJSON {
    /// The limit of a file, in bytes: the state of a training has its metrics, with some hundred bytes per step.
    private static let fileLimit = 1 << 30

    /// The value of a file; `nil` if it cannot be read, or is cut. Numbers that are not finite are strings.
    package static func file(_ path: String) -> JSONValue? {
        do {
            return value(try RegularFile.contents(ofFile: path, limit: fileLimit))
        } catch {
            return nil
        }
    }

    /// The value of a text; `nil` if it is none.
    package static func value(_ text: Data) -> JSONValue? {
        let text = text.withUnsafeBytes { String(decoding: quoted($0), as: UTF8.self) }
        return JSONValue(json: text)
    }

    /// Quotes the words outside strings, as decoders of numbers expect them.
    static func quoted(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text[...]
        var isText = false
        while let byte = rest.first {
            if isText, byte == UInt8(ascii: "\\") {
                result += rest.prefix(2)
                rest = rest.dropFirst(2)
                continue
            }
            if byte == UInt8(ascii: "\"") { isText.toggle() }
            if !isText, starts.contains(byte),
                let (word, text) = words.first(where: { rest.starts(with: $0.0.utf8) })
            {
                result += text.utf8
                rest = rest.dropFirst(word.utf8.count)
                continue
            }
            result.append(byte)
            rest = rest.dropFirst()
        }
        return result
    }

    private static let words = [
        ("NaN", "\"nan\""), ("-Infinity", "\"-inf\""), ("Infinity", "\"inf\""),
    ]

    /// The first bytes of the words.
    private static let starts: [UInt8] = Array("N-I".utf8)
}
