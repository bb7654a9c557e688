/// HTML or SVG source. Texts and values of attributes are escaped, and control characters are escaped, so
/// that data cannot become markup.
package struct Markup: Hashable, Sendable {
    package let source: String

    /// A text.
    package init(_ text: String) { source = Self.escaped(text) }

    /// An element with its content.
    package init(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [Markup] = []
    ) {
        let list = attributes.map { " \($0.key)=\"\(Self.escaped($0.value))\"" }.joined()
        source = "<\(name)\(list)>\(content.map(\.source).joined())</\(name)>"
    }

    /// A text in a drawing, centred at `x` or aligned by `anchor`.
    static func label(
        _ text: String, _ x: Double, _ y: Double, anchor: String = "middle", size: Int = 11,
        isBold: Bool = false
    ) -> Markup {
        Markup(
            "text",
            [
                "x": x.place, "y": y.place, "text-anchor": anchor,
                "font-weight": isBold ? "bold" : "normal", "font-size": "\(size)", "fill": "#222",
            ], [Markup(text)])
    }

    private static func escaped(_ text: String) -> String {
        text.onTerminal.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}

extension Double {
    /// A coordinate, rounded to a tenth of a pixel.
    package var place: String { fixed(1) }
}
