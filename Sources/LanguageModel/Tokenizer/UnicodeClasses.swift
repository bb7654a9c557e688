/// The properties of Unicode scalars that a tokenizer needs, as a table with one byte per scalar.
enum UnicodeClasses {
    static let other: UInt8 = 0
    static let letter: UInt8 = 1
    static let number: UInt8 = 2
    static let space: UInt8 = 3

    /// The mask of the four values above.
    static let kind: UInt8 = 3

    /// A bit: canonical composition may change the scalar, or combine it with the preceding one.
    static let composing: UInt8 = 4

    /// The classes of the scalars below `limit`. All others are `other`.
    static let table: [UInt8] = {
        var table = [UInt8](repeating: other, count: limit)
        func fill(_ ranges: [UInt32], _ bits: UInt8) {
            for pair in stride(from: 0, to: ranges.count, by: 2) {
                for scalar in ranges[pair]...ranges[pair + 1] { table[Int(scalar)] |= bits }
            }
        }
        fill(UnicodeRanges.letters, letter)
        fill(UnicodeRanges.numbers, number)
        fill(spaces, space)
        fill(UnicodeRanges.composing, composing)
        return table
    }()

    /// An upper bound of the scalars in the ranges.
    static let limit = 0x34000

    /// `\s`: the property White_Space.
    private static let spaces: [UInt32] = [
        0x9, 0xD, 0x20, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028,
        0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000,
    ]
}

/// Reads valid UTF-8 by scalar and class.
struct ScalarReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private let classes: UnsafeBufferPointer<UInt8>

    /// Calls `body` with a reader of `bytes`, which must be valid UTF-8.
    static func with<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (ScalarReader) throws -> Result
    ) rethrows -> Result {
        try UnicodeClasses.table.withUnsafeBufferPointer {
            try body(ScalarReader(bytes: bytes, classes: $0))
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, classes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        self.classes = classes
    }

    var count: Int { bytes.count }

    /// The scalar at `index`, and the index of the next one.
    func scalar(at index: Int) -> (value: UInt32, next: Int) {
        let first = UInt32(bytes[index])
        if first < 0x80 { return (first, index + 1) }
        let second = UInt32(bytes[index + 1]) & 0x3F
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, index + 2) }
        let third = UInt32(bytes[index + 2]) & 0x3F
        if first < 0xF0 { return ((first & 0xF) << 12 | second << 6 | third, index + 3) }
        let fourth = UInt32(bytes[index + 3]) & 0x3F
        return ((first & 7) << 18 | second << 12 | third << 6 | fourth, index + 4)
    }

    /// The start of the scalar that ends before `index`.
    func start(before index: Int) -> Int {
        var start = index - 1
        while bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    /// All bits of the class of a scalar.
    func bits(of scalar: UInt32) -> UInt8 {
        scalar < UInt32(UnicodeClasses.limit) ? classes[Int(scalar)] : UnicodeClasses.other
    }

    /// The kind of the scalar at `index` (letter, number, space or other), and the index of the next one.
    func kind(at index: Int) -> (kind: UInt8, next: Int) {
        let (value, next) = scalar(at: index)
        return (bits(of: value) & UnicodeClasses.kind, next)
    }

    /// The end of the run of scalars of this kind that begins at `start`.
    func end(ofRunOf kind: UInt8, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let (found, next) = self.kind(at: index)
            guard found == kind else { break }
            index = next
        }
        return index
    }
}
