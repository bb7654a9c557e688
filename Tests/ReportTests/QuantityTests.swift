import Report
import Testing

@Suite("Quantities", .timeLimit(.minutes(10)))
struct QuantityTests {
    @Test(
        "Numbers are rounded to a fixed number of decimals",
        arguments: [
            (1.25, 1, "1.3"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.5, 0, "-2"),
            (12, 3, "12.000"),
            (0.007, 3, "0.007"), (Double.nan, 1, "nan"), (1e300, 1, "1e+300"),
        ])
    func fixed(value: Double, digits: Int, text: String) {
        #expect(value.fixed(digits) == text)
    }

    @Test(
        "Times change their units with their length",
        arguments: [
            (0.04, "0.0 s", "0 s"), (4.14, "4.1 s", "4 s"), (59.94, "59.9 s", "1 m 00 s"),
            (59.97, "1 m 00 s", "1 m 00 s"), (185, "3 m 05 s", "3 m 05 s"),
            (3599.7, "1 h 00 m", "1 h 00 m"), (3785, "1 h 03 m", "1 h 03 m"),
            (1e12, ">30 years", ">30 years"),
        ])
    func elapsed(seconds: Double, text: String, rough: String) {
        #expect(Elapsed(seconds: seconds).text == text)
        #expect(Elapsed(seconds: seconds).rough == rough)
    }

    @Test(
        "Bytes are counted in powers of a thousand",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"),
            (999_960, "1.0 MB"), (2_000_000_000_000_000, "2000.0 TB"),
        ] as [(Int64, String)])
    func bytes(count: Int64, text: String) {
        #expect(ByteCount(count).text == text)
    }
}
