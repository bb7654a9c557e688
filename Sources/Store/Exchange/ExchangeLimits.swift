/// How large the numbers of an imported file may be, and how much it may grow: what it holds is bounded by its
/// own size, so that a small file costs little memory, disk and time.
struct ExchangeLimits {
    /// No number of a file is larger: sums and products of a few of them do not overflow.
    static let largest = 1 << 53

    static func contains(_ number: Int) -> Bool { 0...largest ~= number }

    /// A file may hold this much however small it is.
    private static let floor = 64 << 20

    /// Beyond that, it may grow by this factor. Text shrinks to a tenth, repeated text to a fiftieth.
    private static let ratio = 200

    /// What is left for the files in the bundle, as they stand there.
    private(set) var packed: Int

    /// What is left for the files of all artifacts, unpacked.
    private(set) var unpacked: Int

    /// What is left for record files, which are copied to the disk.
    private(set) var records: Int

    /// For a file of so many bytes.
    init(fileOf bytes: Int) {
        let most = max(Self.floor, min(bytes, Self.largest / Self.ratio) * Self.ratio)
        (packed, records, unpacked) = (most, most, max(most, 256 << 20))
    }

    /// `false` if it is too much.
    mutating func takePacked(_ bytes: Int) -> Bool { Self.take(bytes, of: &packed) }
    mutating func takeUnpacked(_ bytes: Int) -> Bool { Self.take(bytes, of: &unpacked) }
    mutating func takeRecords(_ bytes: Int) -> Bool { Self.take(bytes, of: &records) }

    private static func take(_ bytes: Int, of left: inout Int) -> Bool {
        guard 0...left ~= bytes else { return false }
        left -= bytes
        return true
    }

    /// Whether a line of rows has more values than any export writes into as many bytes: reading one takes
    /// memory for each value.
    static func isDense(_ line: UnsafeRawBufferPointer) -> Bool {
        let values = line.reduce(0) { $0 + ($1 == UInt8(ascii: ",") ? 1 : 0) }
        return values > 3 * ExchangedMetrics.limit + line.count / 16
    }
}

extension String {
    /// Quoted and short, for messages about texts of others.
    var shown: String {
        let end = unicodeScalars.count > 40 ? "…" : ""
        return "'" + String(String.UnicodeScalarView(unicodeScalars.prefix(40))) + end + "'"
    }
}
