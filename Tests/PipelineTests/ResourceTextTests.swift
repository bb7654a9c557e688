import Pipeline
import Testing

@Suite("Amounts in words", .timeLimit(.minutes(10)))
struct ResourceTextTests {
    @Test(
        "Bytes have a unit that keeps them short",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1500, "1.5 kB"), (999_499, "999 kB"),
            (999_500, "1 MB"), (5_123_000_000, "5.1 GB"), (64_000_000_000, "64 GB"),
            (123_456_789_000, "123 GB"), (Int.max, "9.2 EB"),
        ])
    func bytes(count: Int, text: String) {
        #expect(Resources.text(bytes: count) == text)
    }

    @Test(
        "Durations are spelled as in pipeline files",
        arguments: [
            (1, "1s"), (90, "90s"), (120, "2m"), (3_661, "1h1m1s"), (5_400, "1h30m"),
            (86_400, "1d"), (129_600, "1d12h"),
        ])
    func durations(seconds: Int, text: String) {
        #expect(Resources.text(.seconds(seconds)) == text)
        #expect(Resources.duration(text) == .seconds(seconds))
    }
}
