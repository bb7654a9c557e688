import Testing
import vireo

@Suite("What reaches a terminal", .timeLimit(.minutes(10)))
struct TerminalTextTests {
    private func shown(_ bytes: [UInt8]) -> String {
        String(decoding: StandardStream.shown(bytes), as: UTF8.self)
    }

    @Test(
        "Control characters are escaped, and all other text is shown",
        arguments: [
            ("plain\ttext\n", "plain\ttext\n"), ("é 😀 ━", "é 😀 ━"),
            ("\u{1B}[2Jx", "\\u{1b}[2Jx"), ("a\rb", "a\\rb"), ("\u{7F}\u{7}", "\\u{7f}\\u{7}"),
            ("\u{9B}2J", "\\u{9b}2J"), ("\u{202E}txt", "\\u{202e}txt"), ("\u{0}", "\\u{0}"),
        ])
    func text(text: String, expected: String) {
        #expect(shown(Array(text.utf8)) == expected)
    }

    @Test("No byte and no pair of bytes leaves a control character")
    func bytes() {
        for first in UInt8.min...255 {
            for second in UInt8.min...255 {
                let text = shown([first, second])
                let isSafe = text.unicodeScalars.allSatisfy {
                    $0 == "\n" || $0 == "\t"
                        || ($0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value))
                }
                #expect(isSafe, "\(first) \(second)")
            }
        }
    }
}
