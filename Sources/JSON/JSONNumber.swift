import Foundation

/// A number as JSON spells it: an integer if it has neither fraction nor exponent and fits.
package enum JSONNumber: Hashable {
    case integer(Int64)
    case real(Double)

    package var value: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .real(let real): real
        }
    }

    /// Reads the number that begins at `next`, which then stands after it; nil if none begins there.
    package init?(_ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
        let start = next
        guard let spelling = Spelling(&next, end: end) else { return nil }
        let (mantissa, digits, scale) = (spelling.mantissa, spelling.digits, spelling.scale)
        if spelling.isInteger, digits <= 18 {
            self = .integer(spelling.isNegative ? -Int64(mantissa) : Int64(mantissa))
        } else if spelling.isInteger, let integer = Self.longInteger(start, next) {
            self = .integer(integer)
        } else if digits <= 19, mantissa <= 1 << 53, let power = Self.power(scale) {
            // Both are exact, so that one rounding gives the nearest double.
            let value = scale < 0 ? Double(mantissa) / power : Double(mantissa) * power
            self = .real(spelling.isNegative ? -value : value)
        } else {
            self = .real(Self.nearest(start, next))
        }
    }

    /// Goes past the number that begins at `next`, without working out what it is; false if none begins there.
    package static func skip(
        _ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
    ) -> Bool { Spelling(&next, end: end) != nil }

    /// Goes past the number that begins at `next`; nil if none begins there. Whether a double can surely hold it.
    static func bounded(_ next: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> Bool? {
        guard let spelling = Spelling(&next, end: end) else { return nil }
        return spelling.scale <= 308 - spelling.digits
    }

    /// The integer that a number is, such as `1e3` or `2.0`, if it is one and fits; `bytes` are a number.
    static func whole(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard var next = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        let (start, end) = (next, next + bytes.count)
        guard let number = JSONNumber(&next, end: end) else { return nil }
        switch number {
        case .integer(let integer): return Int(integer)
        case .real(let real):
            // Two integers beyond these may be one double.
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

    /// Ten to the magnitude of `scale`, if a double holds it exactly.
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

    /// The library's reading, which needs a zero at the end.
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
    /// All digits but those of the exponent, modulo 2^64.
    private(set) var mantissa: UInt64 = 0
    /// How many they are.
    private(set) var digits: Int
    /// The power of ten of the last one; `.max` beyond every double.
    private(set) var scale = 0
    private(set) var isInteger = true

    /// Goes past the number that begins at `next`; nil, and `next` stays, if none begins there.
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
            // Longer ones are beyond every double, and are left to the library.
            scale = count > 4 ? .max : scale + Int(exponent) * (sign == UInt8(ascii: "-") ? -1 : 1)
            isInteger = false
        }
        next = place
    }

    /// Adds the digits at `place` to `value` and returns how many they were.
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
