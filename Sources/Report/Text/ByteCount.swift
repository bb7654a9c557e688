/// A number of bytes, for display.
package struct ByteCount: Hashable, Sendable {
    package let bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    /// `12 B`, `3.4 kB`, `5.6 MB`, ... in powers of 1000.
    package var text: String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var value = Double(bytes) / 1000
        var units = ["kB", "MB", "GB", "TB"][...]
        while value >= 999.95, units.count > 1 {
            value /= 1000
            units.removeFirst()
        }
        return "\(value.fixed(1)) \(units[units.startIndex])"
    }
}
