/// A string as it is written in a text, whose escapes were checked.
package struct JSONString {
    /// What stands between the quotation marks.
    package let raw: UnsafeRawBufferPointer
    package let hasEscapes: Bool

    @inlinable package init(raw: UnsafeRawBufferPointer, hasEscapes: Bool) {
        self.raw = raw
        self.hasEscapes = hasEscapes
    }

    /// The string that is meant.
    package var text: String {
        if hasEscapes { return String(decoding: JSONEscapes.without(raw), as: UTF8.self) }
        return String(decoding: raw, as: UTF8.self)
    }

    /// Calls `body` with the UTF-8 of the string that is meant.
    package func withBytes<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        if hasEscapes { return try JSONEscapes.without(raw).withUnsafeBufferPointer(body) }
        return try body(raw.bindMemory(to: UInt8.self))
    }
}
