/// Distinct byte strings, numbered in order of insertion: one buffer of bytes and a hash table, because a
/// hundred thousand separate strings would need more memory than their content.
struct ByteStringTable: Sendable {
    private(set) var bytes: [UInt8] = []

    /// The end of each string, which is the start of the next.
    private var ends: [Int] = []

    /// Open addressing: the upper half of the hash, combined with the number of the string plus one; 0 is free.
    private var slots: [UInt64]

    init(capacity: Int = 16) {
        slots = [UInt64](repeating: 0, count: Self.slots(for: capacity))
        ends.reserveCapacity(capacity)
    }

    /// The smallest power of two with a load factor of at most two thirds.
    private static func slots(for count: Int) -> Int {
        var slots = 16
        while slots * 2 < count * 3 { slots *= 2 }
        return slots
    }

    var count: Int { ends.count }

    func range(of number: Int) -> Range<Int> {
        (number == 0 ? 0 : ends[number - 1])..<ends[number]
    }

    func string(_ number: Int) -> ArraySlice<UInt8> { bytes[range(of: number)] }

    /// The number of a string; `nil` if it is not in the table.
    func number(of key: UnsafeBufferPointer<UInt8>) -> Int? { find(key, Self.hash(key)).number }

    /// The slot of a string and its number, or the free slot for it.
    private func find(
        _ key: UnsafeBufferPointer<UInt8>, _ hash: UInt64
    ) -> (slot: Int, number: Int?) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 32) & mask
        while slots[slot] != 0 {
            if slots[slot] >> 32 == hash >> 32 {
                let number = Int(truncatingIfNeeded: slots[slot] & 0xFFFF_FFFF) - 1
                if isEqual(number, key) { return (slot, number) }
            }
            slot = (slot + 1) & mask
        }
        return (slot, nil)
    }

    /// The number of a string, which is inserted if it is new.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>) -> (number: Int, isNew: Bool) {
        if (count + 1) * 3 > slots.count * 2 { grow() }
        let hash = Self.hash(key)
        let (slot, number) = find(key, hash)
        if let number { return (number, false) }
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        precondition(count < 1 << 32, "a table holds at most 2^32 - 1 strings")
        slots[slot] = hash & ~0xFFFF_FFFF | UInt64(count)
        return (count - 1, true)
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry != 0 {
            var slot = Int(truncatingIfNeeded: entry >> 32) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }

    /// Whether a string has the given number.
    func has(_ key: UnsafeBufferPointer<UInt8>, at number: Int) -> Bool {
        number < count && isEqual(number, key)
    }

    private func isEqual(_ number: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(of: number)
        guard range.count == key.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            var index = range.lowerBound
            for byte in key {
                if bytes[index] != byte { return false }
                index += 1
            }
            return true
        }
    }

    /// Deterministic, unlike `Hasher`.
    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = UInt64(truncatingIfNeeded: key.count) &* factor
        let raw = UnsafeRawBufferPointer(key)
        var index = 0
        while index + 8 <= raw.count {
            hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* factor
            hash ^= hash >> 32
            index += 8
        }
        var tail: UInt64 = 0
        while index < raw.count {
            tail = tail << 8 | UInt64(raw[index])
            index += 1
        }
        hash = (hash ^ tail) &* factor
        hash = (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
        return hash ^ hash >> 32
    }
}
