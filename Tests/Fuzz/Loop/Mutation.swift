/// Random numbers that depend on a seed alone.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64, _ index: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(index) &* 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Changes examples: bytes, words of the subject, numbers, and parts moved, repeated and left out.
struct Mutation {
    let seeds: [[UInt8]]
    let words: [[UInt8]]

    private static let sizeLimit = 1 << 16

    /// The same for the same arguments.
    func input(seed: UInt64, index: Int) -> [UInt8] {
        var random = SeededRandom(seed, index)
        var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
        for _ in 0..<Int.random(in: 1...6, using: &random) { change(&bytes, &random) }
        return Array(bytes.prefix(Self.sizeLimit))
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let longest = min(bytes.count - place, 1 << Int.random(in: 0...8, using: &random))
        let part = place..<(place + Int.random(in: 0...longest, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            guard place < bytes.count else { return }
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1:
            guard place < bytes.count else { return }
            bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(part)
        case 3: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
        case 4: bytes.replaceSubrange(part, with: words.randomElement(using: &random) ?? [])
        case 5:
            let times = 1 << Int.random(in: 0...10, using: &random)
            let piece = Array(bytes[part].prefix(64))
            for _ in 0..<times where bytes.count < Self.sizeLimit {
                bytes.insert(contentsOf: piece, at: min(place, bytes.count))
            }
        case 6:
            let other = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            let start = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[start...])
        case 7: bytes.removeSubrange(place...)
        case 8:
            let piece = Array(bytes[part])
            bytes.removeSubrange(part)
            bytes.insert(
                contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
        default:
            guard let digit = bytes[place...].firstIndex(where: { (48...57).contains($0) }) else {
                return
            }
            let numbers = [
                "-1", "0", "2147483648", "9223372036854775807", "99999999999999999999", "1e400",
                "0.5",
            ]
            let end = bytes[digit...].firstIndex { !(48...57).contains($0) } ?? bytes.count
            bytes.replaceSubrange(
                digit..<end, with: Array((numbers.randomElement(using: &random) ?? "").utf8))
        }
    }
}
