/// The exact value of a decimal number, such as `-1.50e3`.
struct DecimalText: Hashable {
    private let isNegative: Bool
    /// The digits without zeros at both ends; empty for 0.
    private let digits: [UInt8]
    /// The power of ten of the last digit.
    private let scale: Int

    /// `nil` if `text` is not a decimal number.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let whole = rest.prefix(while: \.isDigit)
        rest = rest[whole.endIndex...]
        var fraction = rest[rest.startIndex..<rest.startIndex]
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: \.isDigit)
            rest = rest[fraction.endIndex...]
        }
        guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
        var exponent = 0
        if let mark = rest.first, mark | 32 == UInt8(ascii: "e") {
            let number = rest.dropFirst()
            guard number.count <= 10,
                let value = Int(String(decoding: number, as: UTF8.self))
            else { return nil }
            exponent = value
            rest = []
        }
        guard rest.isEmpty else { return nil }
        self.init(
            isNegative: isNegative, Array(whole + fraction)[...], scale: exponent - fraction.count)
    }

    init(_ integer: Int) {
        self.init(isNegative: integer < 0, Array("\(integer.magnitude)".utf8)[...], scale: 0)
    }

    /// The nearest double.
    var double: Double {
        let text = (isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self)
        return digits.isEmpty ? 0 : Double(text + "e\(scale)") ?? .nan
    }

    private init(isNegative: Bool, _ digits: ArraySlice<UInt8>, scale: Int) {
        var digits = digits.drop { $0 == UInt8(ascii: "0") }
        var scale = scale
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            scale += 1
        }
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = Array(digits)
        self.scale = digits.isEmpty ? 0 : scale
    }
}
