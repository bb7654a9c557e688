/// The merges of a byte pair encoding: pairs of tokens with their rank and the merged token.
struct MergeTable: Sendable {
    /// The maximum number of merges, limited by the keys of the merge queue.
    static let limit = 1 << 24

    private(set) var count = 0

    /// Open addressing: the two ids, or `free`; in `values`, the rank and the id of the merged token.
    private var keys: [UInt64]
    private var values: [UInt64]
    private static let free = UInt64.max

    init(capacity: Int) {
        var slots = 16
        while slots * 2 < capacity * 3 { slots *= 2 }
        keys = [UInt64](repeating: Self.free, count: slots)
        values = [UInt64](repeating: 0, count: slots)
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private static func slot(_ key: UInt64, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    }

    /// The rank of a pair and the merged token. Lower ranks are merged first.
    func find(_ left: Int32, _ right: Int32) -> (rank: Int, whole: Int32)? {
        let key = Self.key(left, right)
        let mask = keys.count - 1
        var slot = Self.slot(key, mask)
        while keys[slot] != key {
            if keys[slot] == Self.free { return nil }
            slot = (slot + 1) & mask
        }
        return (
            Int(truncatingIfNeeded: values[slot] >> 32), Int32(truncatingIfNeeded: values[slot])
        )
    }

    /// Appends the next merge; returns `false` if the pair is already in the table.
    mutating func append(_ left: Int32, _ right: Int32, whole: Int32) -> Bool {
        if (count + 1) * 3 > keys.count * 2 { grow() }
        let key = Self.key(left, right)
        let mask = keys.count - 1
        var slot = Self.slot(key, mask)
        while keys[slot] != Self.free {
            if keys[slot] == key { return false }
            slot = (slot + 1) & mask
        }
        keys[slot] = key
        values[slot] = UInt64(count) << 32 | UInt64(UInt32(bitPattern: whole))
        count += 1
        return true
    }

    private mutating func grow() {
        let (oldKeys, oldValues) = (keys, values)
        keys = [UInt64](repeating: Self.free, count: oldKeys.count * 2)
        values = [UInt64](repeating: 0, count: oldKeys.count * 2)
        let mask = keys.count - 1
        for (key, value) in zip(oldKeys, oldValues) where key != Self.free {
            var slot = Self.slot(key, mask)
            while keys[slot] != Self.free { slot = (slot + 1) & mask }
            (keys[slot], values[slot]) = (key, value)
        }
    }
}
