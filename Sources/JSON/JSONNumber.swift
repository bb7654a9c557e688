import Foundation

/// A number in JSON: an integer if it has no fraction or exponent and fits into 64 bits.
package enum JSONNumber: Hashable {
    case integer(Int64)
    case real(Double)

    package var value: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .real(let real): real
        }
    }

    /// Parses the number that begins at `next` and advances `next`; `nil` if no number begins there.
    package init?(_ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
        let start = next
        guard let spelling = Spelling(&next, end: end) else { return nil }
        let (mantissa, digits, scale) = (spelling.mantissa, spelling.digits, spelling.scale)
        if spelling.isInteger, digits <= 18 {
            self = .integer(spelling.isNegative ? -Int64(mantissa) : Int64(mantissa))
        } else if spelling.isInteger, let integer = Self.longInteger(start, next) {
            self = .integer(integer)
        } else if digits <= 19, mantissa <= 1 << 53, let power = Self.power(scale) {
            // Both are exact, so one rounding gives the nearest double.
            let value = scale < 0 ? Double(mantissa) / power : Double(mantissa) * power
            self = .real(spelling.isNegative ? -value : value)
        } else {
            self = .real(Self.nearest(start, next))
        }
    }

    /// Skips the number that begins at `next` without computing its value; false if no number begins there.
    package static func skip(
        _ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
    ) -> Bool { Spelling(&next, end: end) != nil }

    /// Skips the number that begins at `next`, and returns whether a double can certainly represent its
    /// magnitude; `nil` if no number begins there.
    static func bounded(_ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> Bool? {
        guard let spelling = Spelling(&next, end: end) else { return nil }
        return spelling.scale <= 308 - spelling.digits
    }

    /// The integer value of a number such as `1e3` or `2.0`; `nil` if it is not an integer or does not fit.
    /// `bytes` must be a number.
    static func whole(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard var next = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        let (start, end) = (next, next + bytes.count)
        guard let number = JSONNumber(&next, end: end) else { return nil }
        switch number {
        case .integer(let integer): return Int(integer)
        case .real(let real):
            // Above this limit, different integers may map to the same double.
            if abs(real) < 0x1p53 { return Int(exactly: real) }
        }
        next = start
        guard let spelling = Spelling(&next, end: end), spelling.digits <= 19 else { return nil }
        var (value, scale) = (spelling.mantissa, spelling.scale)
        while scale < 0, value % 10 == 0 {
            value /= 10
            scale += 1
        }
        while scale > 0 {
            let (product, isOver) = value.multipliedReportingOverflow(by: 10)
            guard !isOver else { return nil }
            value = product
            scale -= 1
        }
        guard scale == 0 else { return nil }
        return Int((spelling.isNegative ? "-" : "") + String(value))
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// Ten to the magnitude of `scale`, if a double represents it exactly.
    private static func power(_ scale: Int) -> Double? {
        -22...22 ~= scale ? powers[abs(scale)] : nil
    }

    private static func longInteger(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> Int64? {
        guard end - start <= 20 else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: end - start)
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    /// Parses with the standard library, which needs a terminating zero.
    private static func nearest(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
    ) -> Double {
        let count = end - start
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { text in
            guard let base = text.baseAddress else { return .nan }
            memcpy(base, start, count)
            text[count] = 0
            return strtod(base, nil)
        }
    }
}

/// The parts of a number as it is written.
private struct Spelling {
    let isNegative: Bool
    /// All digits except those of the exponent, modulo 2^64.
    private(set) var mantissa: UInt64 = 0
    /// The number of these digits.
    private(set) var digits: Int
    /// The power of ten of the last digit; `.max` if it is out of range.
    private(set) var scale = 0
    private(set) var isInteger = true

    /// Parses the number that begins at `next` and advances `next`; otherwise returns `nil` and leaves `next`
    /// unchanged.
    init?(_ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
        var place = next
        isNegative = place < end && place.pointee == UInt8(ascii: "-")
        if isNegative { place += 1 }
        digits = Self.read(&place, end, &mantissa)
        guard digits == 1 || (digits > 1 && (place - digits).pointee != UInt8(ascii: "0")) else {
            return nil
        }
        if place < end, place.pointee == UInt8(ascii: ".") {
            place += 1
            let count = Self.read(&place, end, &mantissa)
            guard count > 0 else { return nil }
            digits += count
            scale = -count
            isInteger = false
        }
        if place < end, place.pointee | 0x20 == UInt8(ascii: "e") {
            place += 1
            let sign = place < end ? place.pointee : 0
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { place += 1 }
            var exponent: UInt64 = 0
            let count = Self.read(&place, end, &exponent)
            guard count > 0 else { return nil }
            // Longer exponents are out of range and left to the standard library.
            scale = count > 4 ? .max : scale + Int(exponent) * (sign == UInt8(ascii: "-") ? -1 : 1)
            isInteger = false
        }
        next = place
    }

    /// Appends the digits at `place` to `value` and returns their number.
    private static func read(
        _ place: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ value: inout UInt64
    ) -> Int {
        let start = place
        while place < end {
            let digit = place.pointee &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            place += 1
        }
        return place - start
    }
}
