/// A 64-bit checksum that detects accidental damage; it does not protect against tampering. It uses four lanes,
/// so that it costs little more than reading the bytes.
struct Checksum {
    private var lanes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)

    private static let prime: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Adds a piece and its length. Changing a word always changes its lane.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var (a, b, c, d) = lanes
        func mixed(_ lane: UInt64, _ word: UInt64) -> UInt64 {
            let product = (lane ^ word) &* Self.prime
            return product << 29 | product >> 35
        }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var offset = 0
        while offset + 32 <= bytes.count {
            a = mixed(a, word(offset))
            b = mixed(b, word(offset + 8))
            c = mixed(c, word(offset + 16))
            d = mixed(d, word(offset + 24))
            offset += 32
        }
        for byte in bytes[offset...] { a = mixed(a, UInt64(byte)) }
        lanes = (mixed(a, UInt64(bytes.count)), b, c, d)
    }

    mutating func add(_ text: String) {
        Array(text.utf8).withUnsafeBytes { add($0) }
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        let value = [lanes.1, lanes.2, lanes.3].reduce(lanes.0) {
            ($0 ^ $1) &* Self.prime ^ ($0 >> 32)
        }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
