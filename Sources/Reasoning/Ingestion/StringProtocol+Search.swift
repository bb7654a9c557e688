import Foundation

// Byte-wise searches for long texts, many times faster than those of Foundation or over characters.

extension Substring {
    /// The first occurrence of `text`, which must not be empty, byte by byte.
    func firstRange(ofBytes text: String) -> Range<Index>? {
        let wanted = Array(text.utf8)
        let offset = utf8.withContiguousStorageIfAvailable { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            var start = 0
            while bytes.count - start >= wanted.count,
                let found = memchr(base + start, Int32(wanted[0]), bytes.count - start)
            {
                start = UnsafeRawPointer(base).distance(to: found)
                if bytes[start...].starts(with: wanted) { return start }
                start += 1
            }
            return nil
        }
        guard let offset else { return firstRange(of: text) }
        return offset.map {
            let start = utf8.index(startIndex, offsetBy: $0)
            return start..<utf8.index(start, offsetBy: wanted.count)
        }
    }
}

extension StringProtocol {
    /// The text without leading and trailing whitespace.
    var trimmed: String {
        let start = unicodeScalars.drop(while: \.isBlank).startIndex
        let end = unicodeScalars.reversed().drop(while: \.isBlank).startIndex.base
        return start < end ? String(self[start..<end]) : ""
    }

    /// The text without leading and trailing whitespace, with runs of whitespace replaced by one space.
    var withSingleSpaces: String {
        var result = String.UnicodeScalarView()
        var isAfterBlank = false
        for scalar in unicodeScalars {
            if !scalar.isBlank {
                if isAfterBlank, !result.isEmpty { result.append(" ") }
                result.append(scalar)
            }
            isAfterBlank = scalar.isBlank
        }
        return String(result)
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool {
        value < 128 ? value == 32 || 9...13 ~= value : properties.isWhitespace
    }
}
