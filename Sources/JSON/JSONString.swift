/// A string as it is written in a text. Its escapes are valid.
package struct JSONString {
    /// The bytes between the quotation marks.
    package let raw: UnsafeRawBufferPointer
    package let hasEscapes: Bool

    @inlinable package init(raw: UnsafeRawBufferPointer, hasEscapes: Bool) {
        self.raw = raw
        self.hasEscapes = hasEscapes
    }

    /// The decoded string.
    package var text: String {
        if hasEscapes { return String(decoding: JSONEscapes.without(raw), as: UTF8.self) }
        return String(decoding: raw, as: UTF8.self)
    }

    /// Calls `body` with the UTF-8 of the decoded string.
    package func withBytes<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        if hasEscapes { return try JSONEscapes.without(raw).withUnsafeBufferPointer(body) }
        return try body(raw.bindMemory(to: UInt8.self))
    }
}
