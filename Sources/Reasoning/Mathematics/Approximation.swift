/// An answer with `\approx`: `\frac{1}{3} \approx 0.33`, `x \approx 11`.
struct Approximation {
    /// The answer without its approximation, or the approximation if there is nothing else.
    let value: ArraySlice<UInt8>

    /// The rounding next to the value, if there is one.
    let rounded: ArraySlice<UInt8>?

    /// Parses cleaned LaTeX. Without `\approx`, the whole text is the value.
    init(_ text: ArraySlice<UInt8>) {
        let isLaTeX = text.count < 400 && text.contains(UInt8(ascii: "\\"))
        let sides = isLaTeX ? Separators.parts(of: text, dividedBy: "\\approx ") : [text]
        guard sides.count == 2 else {
            (value, rounded) = (text, nil)
            return
        }
        if sides[0].trimmed.isEmpty {
            (value, rounded) = (sides[1], nil)
        } else if QuantityName.isName(sides[0]) {
            (value, rounded) = ((Array(sides[0]) + [UInt8(ascii: "=")] + sides[1])[...], nil)
        } else {
            value = sides[0]
            rounded = Self.isRounding(sides[1], of: sides[0]) ? sides[1] : nil
        }
    }

    private static func isRounding(_ text: ArraySlice<UInt8>, of value: ArraySlice<UInt8>) -> Bool {
        guard let rounded = Quantity(text)?.value,
            let exact = MathematicalForm(NamedAnswer(value)?.value ?? value).number?.value
        else { return false }
        // A rounding to a whole number is a different answer: `4.5 \approx 5` is not 5.
        guard let point = text.firstIndex(of: UInt8(ascii: ".")) else { return false }
        let places = text[point...].dropFirst().prefix(while: \.isDigit).count
        let unit = (0..<min(places, 30)).reduce(1.0) { unit, _ in unit / 10 }
        return abs(ExactValue(rounded).approximation - exact.approximation) <= unit * 0.5000001
    }
}
