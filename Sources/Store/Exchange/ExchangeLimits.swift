/// Limits on the numbers in an imported file and on its expansion. They depend on the size of the file, so that a small
/// file costs little memory, disk space and time.
struct ExchangeLimits {
    /// The largest number in a file; sums and products of a few such numbers do not overflow.
    static let largest = 1 << 53

    static func contains(_ number: Int) -> Bool { 0...largest ~= number }

    /// The allowed size for small files.
    private static let floor = 64 << 20

    /// The allowed expansion factor for larger files. Text compresses to a tenth, repeated text to a fiftieth.
    private static let ratio = 200

    /// The remaining size for the files in the bundle, as stored.
    private(set) var packed: Int

    /// The remaining size for the unpacked files of all artifacts.
    private(set) var unpacked: Int

    /// The remaining size for record files, which are copied to disk.
    private(set) var records: Int

    /// The limits for a file of `bytes` bytes.
    init(fileOf bytes: Int) {
        let most = max(Self.floor, min(bytes, Self.largest / Self.ratio) * Self.ratio)
        (packed, records, unpacked) = (most, most, max(most, 256 << 20))
    }

    /// Subtracts `bytes` from a remaining size; `false` if it is exceeded.
    mutating func takePacked(_ bytes: Int) -> Bool { Self.take(bytes, of: &packed) }
    mutating func takeUnpacked(_ bytes: Int) -> Bool { Self.take(bytes, of: &unpacked) }
    mutating func takeRecords(_ bytes: Int) -> Bool { Self.take(bytes, of: &records) }

    private static func take(_ bytes: Int, of left: inout Int) -> Bool {
        guard 0...left ~= bytes else { return false }
        left -= bytes
        return true
    }

    /// Whether a line of rows has more values than an export would write in as many bytes. Reading a line takes memory
    /// for each value.
    static func isDense(_ line: UnsafeRawBufferPointer) -> Bool {
        let values = line.reduce(0) { $0 + ($1 == UInt8(ascii: ",") ? 1 : 0) }
        return values > 3 * ExchangedMetrics.limit + line.count / 16
    }
}

extension String {
    /// The quoted and truncated text, for messages about untrusted texts.
    var shown: String {
        let end = unicodeScalars.count > 40 ? "…" : ""
        return "'" + String(String.UnicodeScalarView(unicodeScalars.prefix(40))) + end + "'"
    }
}
