import Foundation

/// Unicode normalization form C, for the scalars in `UnicodeRanges.composing`.
enum CanonicalComposition {
    /// The normalized bytes; `nil` if the text is already normalized. `reader` must hold valid UTF-8.
    ///
    /// The text is split at scalars that never change or combine with preceding ones. Only parts with other
    /// scalars go through the algorithm.
    static func normalized(_ reader: ScalarReader) -> [UInt8]? {
        guard let first = firstComposing(reader) else { return nil }
        var result = [UInt8](reader.bytes[..<first])
        var index = first
        var part: [UInt32] = []
        while index < reader.count {
            let start = index
            var end = index
            part.removeAll(keepingCapacity: true)
            var takesPart = false
            while end < reader.count {
                let (value, next) = reader.scalar(at: end)
                let isComposing = reader.bits(of: value) & UnicodeClasses.composing != 0
                if end > start, !isComposing { break }
                takesPart = takesPart || isComposing
                part.append(value)
                end = next
            }
            if takesPart {
                for scalar in composed(part) { append(scalar, to: &result) }
            } else {
                result.append(contentsOf: reader.bytes[start..<end])
            }
            index = end
        }
        return result
    }

    /// The start of the part with the first scalar that takes part in composition.
    private static func firstComposing(_ reader: ScalarReader) -> Int? {
        var (index, previous) = (0, 0)
        while index < reader.count {
            if reader.bytes[index] < 0x80 {
                (previous, index) = (index, index + 1)
                continue
            }
            let (value, next) = reader.scalar(at: index)
            if reader.bits(of: value) & UnicodeClasses.composing != 0 { return previous }
            (previous, index) = (index, next)
        }
        return nil
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(value) else {
            preconditionFailure("\(value) is no scalar, but came of some")
        }
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// The composition of the canonical decomposition of `scalars`.
    static func composed(_ scalars: [UInt32]) -> [UInt32] {
        let ordered = ordered(scalars.flatMap { decomposition(of: $0) })
        var result: [UInt32] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for (value, combiningClass) in ordered {
            if let starter, result.count == starter + 1 || lastClass < combiningClass,
                let composite = composite(of: result[starter], value)
            {
                result[starter] = composite
                continue
            }
            if combiningClass == 0 { starter = result.count }
            lastClass = combiningClass
            result.append(value)
        }
        return result
    }

    /// The scalars with their combining classes, with runs of non-zero classes sorted by class.
    private static func ordered(_ scalars: [UInt32]) -> [(value: UInt32, combiningClass: UInt8)] {
        var result = scalars.map { (value: $0, combiningClass: combiningClass(of: $0)) }
        var start = 0
        while start < result.count {
            guard result[start].combiningClass > 0 else {
                start += 1
                continue
            }
            var end = start
            while end < result.count, result[end].combiningClass > 0 { end += 1 }
            let places = (start..<end).sorted {
                (result[$0].combiningClass, $0) < (result[$1].combiningClass, $1)
            }
            result.replaceSubrange(start..<end, with: places.map { result[$0] })
            start = end
        }
        return result
    }

    private static func combiningClass(of value: UInt32) -> UInt8 {
        guard value < UInt32(UnicodeClasses.limit),
            UnicodeClasses.table[Int(value)] & UnicodeClasses.composing != 0
        else { return 0 }
        return Unicode.Scalar(value)?.properties.canonicalCombiningClass.rawValue ?? 0
    }

    private static func decomposition(of value: UInt32) -> [UInt32] {
        if Hangul.syllables.contains(value) { return Hangul.decomposition(of: value) }
        return decompositions[value] ?? [value]
    }

    private static func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.composite(of: first, second) ?? composites[UInt64(first) << 32 | UInt64(second)]
    }

    /// Full canonical decompositions.
    private static let decompositions: [UInt32: [UInt32]] = {
        var result: [UInt32: [UInt32]] = [:]
        let ranges = UnicodeRanges.decomposing
        for pair in stride(from: 0, to: ranges.count, by: 2) {
            for value in ranges[pair]...ranges[pair + 1] {
                guard let scalar = Unicode.Scalar(value) else { continue }
                let decomposed = String(Character(scalar)).decomposedStringWithCanonicalMapping
                result[value] = decomposed.unicodeScalars.map(\.value)
            }
        }
        return result
    }()

    /// Primary composites by their two parts, without scalars that NFC itself replaces.
    private static let composites: [UInt64: UInt32] = {
        var result: [UInt64: UInt32] = [:]
        let known = decompositions.filter { value, _ in
            UnicodeClasses.table[Int(value)] & UnicodeClasses.composing == 0
        }
        // Sort parts before wholes: the first part of a long decomposition is itself a composite.
        for (value, parts) in known.sorted(by: {
            ($0.value.count, $0.key) < ($1.value.count, $1.key)
        })
        where parts.count > 1 {
            var first = parts[0]
            for part in parts[1..<(parts.count - 1)] {
                first = result[UInt64(first) << 32 | UInt64(part)] ?? first
            }
            result[UInt64(first) << 32 | UInt64(parts[parts.count - 1])] = value
        }
        return result
    }()
}

/// Hangul syllables are composed arithmetically (The Unicode Standard, 3.12).
private enum Hangul {
    static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3
    private static let (leading, vowel, trailing): (UInt32, UInt32, UInt32) = (
        0x1100, 0x1161, 0x11A7
    )

    static func decomposition(of value: UInt32) -> [UInt32] {
        let index = value - syllables.lowerBound
        let parts = [leading + index / 588, vowel + index % 588 / 28]
        return index % 28 == 0 ? parts : parts + [trailing + index % 28]
    }

    static func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
        if (leading..<(leading + 19)).contains(first), (vowel..<(vowel + 21)).contains(second) {
            return syllables.lowerBound + ((first - leading) * 21 + second - vowel) * 28
        }
        if syllables.contains(first), (first - syllables.lowerBound) % 28 == 0,
            ((trailing + 1)..<(trailing + 28)).contains(second)
        {
            return first + second - trailing
        }
        return nil
    }
}
