import Foundation
import JSON

/// A metric value in the most common spelling, parsed without a general JSON decoder:
/// `{"metric":{"name":"loss","step":3,"value":0.5}}`, with or without a space after colons and commas.
package struct MetricLine {
    /// The name, which points into the bytes of the line; ASCII without escapes.
    package let name: UnsafeRawBufferPointer
    package let step: Int
    /// The value; NaN and infinities are written as `null`, `NaN` or `Infinity`, as Python does.
    package let value: Double

    /// Parses a line without its terminator; nil if it has another spelling.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard let start = line.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var cursor = Cursor(next: start, end: start + line.count)
        guard cursor.take("{\"metric\":"), cursor.take("{\"name\":"), cursor.take("\""),
            let name = cursor.name(), cursor.take(","), cursor.take("\"step\":"),
            let step = cursor.integer(), cursor.take(","), cursor.take("\"value\":"),
            let value = cursor.number(), cursor.take("}"), cursor.take("}"),
            cursor.next == cursor.end
        else { return nil }
        self.name = name
        self.step = step
        self.value = value
    }

    private struct Cursor {
        var next: UnsafePointer<UInt8>
        let end: UnsafePointer<UInt8>

        /// Skips `text` if it is next, and a space after it.
        mutating func take(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard end - next >= count, memcmp(next, text.utf8Start, count) == 0 else {
                return false
            }
            next += count
            if next < end, next.pointee == 32, text.utf8Start[count - 1] != UInt8(ascii: "\"") {
                next += 1
            }
            return true
        }

        mutating func name() -> UnsafeRawBufferPointer? {
            let start = next
            while next < end, next.pointee != UInt8(ascii: "\"") {
                guard 0x20..<0x80 ~= next.pointee, next.pointee != UInt8(ascii: "\\") else {
                    return nil
                }
                next += 1
            }
            guard next < end else { return nil }
            defer { next += 1 }
            return UnsafeRawBufferPointer(start: start, count: next - start)
        }

        mutating func integer() -> Int? {
            guard case .integer(let integer)? = JSONNumber(&next, end: end) else { return nil }
            return Int(integer)
        }

        mutating func number() -> Double? {
            if let number = JSONNumber(&next, end: end) { return number.value }
            if take("null") || take("NaN") { return .nan }
            if take("Infinity") { return .infinity }
            return take("-Infinity") ? -.infinity : nil
        }
    }
}
