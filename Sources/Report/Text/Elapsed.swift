/// A duration, for display.
package struct Elapsed: Hashable, Sendable {
    package let seconds: Double

    package init(seconds: Double) { self.seconds = seconds }

    /// `4.1 s`, `2 m 05 s`, `1 h 03 m`.
    package var text: String { (seconds * 10).rounded() < 600 ? seconds.fixed(1) + " s" : long }

    /// `4 s`, `2 m 05 s`, `1 h 03 m`, for estimates.
    package var rough: String { seconds.rounded() < 60 ? seconds.fixed(0) + " s" : long }

    private var long: String {
        guard seconds < 1e9 else { return ">30 years" }
        let whole = Int(seconds.rounded())
        return whole < 3600
            ? "\(whole / 60) m \(Self.padded(whole % 60)) s"
            : "\(whole / 3600) h \(Self.padded(whole % 3600 / 60)) m"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
