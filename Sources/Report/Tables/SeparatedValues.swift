import Foundation
import Store

/// Builds comma-separated values as in RFC 4180, with line feeds as line ends. Null is an empty cell.
package struct SeparatedValues {
    package private(set) var bytes: [UInt8] = []
    private var isFirst = true

    package init() {}

    /// Discards the bytes after they were written.
    package mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    package mutating func endLine() {
        bytes.append(10)
        isFirst = true
    }

    package mutating func appendNull() { separate() }

    package mutating func append(_ integer: Int64) {
        separate()
        var rest = integer.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        if integer < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes[start...].reverse()
    }

    package mutating func append(_ number: Double) {
        separate()
        var text = number.description
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends UTF-8, quoted if necessary.
    package mutating func append(_ text: UnsafeRawBufferPointer) {
        separate()
        let isPlain = !text.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13
        }
        if isPlain, text.first != 32, text.last != 32 {
            bytes.append(contentsOf: text)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func append(_ cell: SQLValue) {
        switch cell {
        case .null: appendNull()
        case .integer(let integer): append(integer)
        case .real(let number): append(number)
        case .text, .blob: append(cell.text)
        }
    }

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }
}
