import Glibc
import JSON

/// Masks secret values in output. It compares bytes, so a combining mark after the last character of a value does not
/// prevent a match.
package struct SecretMask: Sendable {
    /// The text that replaces them.
    package static let mask = "***"

    /// The minimum length in bytes; shorter values, or lines of values, occur in too much other text.
    package static let leastBytes = 4

    /// The values, and the lines of multi-line values, the longest first. They are matched literally and in all their
    /// JSON spellings.
    private let patterns: [[UInt8]]

    package init(_ values: some Sequence<String>) {
        var patterns: Set<[UInt8]> = []
        for value in values {
            let lines = value.split(whereSeparator: \.isNewline).map(Self.trimmed)
                .filter { $0.utf8.count >= Self.leastBytes }
            for text in [Self.trimmed(value[...])] + lines where !text.isEmpty {
                patterns.insert(Array(text.utf8))
            }
        }
        self.patterns = patterns.sorted { $0.count > $1.count }
    }

    package var isEmpty: Bool { patterns.isEmpty }

    /// The length in bytes of the longest value without surrounding white space; 0 if there are none.
    package var longestValue: Int { patterns.first?.count ?? 0 }

    /// The length in bytes of the longest spelling, six per byte, plus an escape before it; 0 if there are none.
    package var longest: Int { patterns.first.map { 6 * $0.count + 8 } ?? 0 }

    /// `text` with the values masked.
    package func masked(_ text: String) -> String {
        guard !patterns.isEmpty else { return text }
        var text = text
        let bytes = text.withUTF8 { masked(UnsafeRawBufferPointer($0)) }
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// `bytes` with the values masked; nil if they contain none.
    package func masked(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let places = places(in: bytes)
            .sorted { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }
        guard !places.isEmpty else { return nil }
        var result: [UInt8] = []
        var end = 0
        for place in places {
            // Overlapping values are masked together.
            if place.lowerBound >= end {
                result += bytes[end..<place.lowerBound]
                result += Self.mask.utf8
            }
            end = max(end, place.upperBound)
        }
        return result + bytes[end...]
    }

    /// Whether `bytes` contain a value.
    package func isFound(in bytes: UnsafeRawBufferPointer) -> Bool {
        if patterns.contains(where: { Self.first($0, in: bytes, from: 0) != nil }) { return true }
        guard let decoded = JSONEscapes(bytes) else { return false }
        return decoded.bytes.withUnsafeBytes { bytes in
            patterns.contains { Self.first($0, in: bytes, from: 0) != nil }
        }
    }

    private func places(in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        let places = patterns.flatMap { Self.places(of: $0, in: bytes) }
        guard let decoded = JSONEscapes(bytes) else { return places }
        return places
            + decoded.bytes.withUnsafeBytes { bytes in
                patterns.flatMap { Self.places(of: $0, in: bytes) }.map(decoded.source)
            }
    }

    private static func places(
        of pattern: [UInt8], in bytes: UnsafeRawBufferPointer
    ) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var start = 0
        while let place = first(pattern, in: bytes, from: start) {
            places.append(place..<(place + pattern.count))
            start = place + 1
        }
        return places
    }

    private static func first(
        _ pattern: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var start = start
        while bytes.count - start >= pattern.count {
            let places = bytes.count - start - pattern.count + 1
            guard let found = memchr(base + start, Int32(pattern[0]), places) else { return nil }
            start = UnsafeRawPointer(found) - base
            if memcmp(found, pattern, pattern.count) == 0 { return start }
            start += 1
        }
        return nil
    }

    /// The value without surrounding white space, which a program may have removed.
    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
