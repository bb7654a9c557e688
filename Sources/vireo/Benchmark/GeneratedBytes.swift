import Foundation

/// Generates files for the measurement of archives.
struct GeneratedBytes {
    enum Kind: String, CaseIterable, CustomStringConvertible {
        /// Like bfloat16 weights: each number has one random byte and one byte with few distinct values.
        case weights
        case random

        var description: String { rawValue }
    }

    private let kind: Kind
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The high bytes of normally distributed bfloat16 numbers, with their frequencies.
    private static let exponents: [UInt8] = [
        (0x3C, 62), (0x3B, 36), (0x3A, 14), (0x3D, 8), (0x39, 6), (0x38, 2),
    ].flatMap { byte, count in
        [UInt8](repeating: byte, count: count) + [UInt8](repeating: byte | 0x80, count: count)
    }

    init(_ kind: Kind) { self.kind = kind }

    /// Writes a file and returns its size in bytes.
    consuming func write(megabytes: Int, to path: String) throws -> Int {
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var piece = [UInt64](repeating: 0, count: 125_000)
        for _ in 0..<megabytes {
            for place in piece.indices { piece[place] = next() }
            try piece.withUnsafeBytes { try file.write(contentsOf: Data($0)) }
        }
        try file.close()
        return megabytes * 8 * piece.count
    }

    private mutating func next() -> UInt64 {
        // xorshift64*
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        let word = state &* 0x2545_F491_4F6C_DD1D
        guard kind == .weights else { return word }
        return stride(from: 0, to: 64, by: 16).reduce(UInt64(0)) { result, shift in
            let high = Self.exponents[Int(word >> (UInt64(shift) + 8) & 0xFF)]
            return result | (word >> UInt64(shift) & 0xFF | UInt64(high) << 8) << UInt64(shift)
        }
    }
}
