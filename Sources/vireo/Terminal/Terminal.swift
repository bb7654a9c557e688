import Foundation
import Glibc

/// The capabilities of standard error.
package struct Terminal: Hashable, Sendable {
    /// Whether lines can be redrawn.
    package let isInteractive: Bool
    package let style: Style

    package init(isTerminal: Bool, environment: [String: String]) {
        isInteractive =
            isTerminal && environment["TERM"] != "dumb" && (environment["CI"] ?? "").isEmpty
        style = Style(isColored: isInteractive && (environment["NO_COLOR"] ?? "").isEmpty)
    }

    static func standardError(environment: [String: String]) -> Terminal {
        Terminal(isTerminal: isatty(STDERR_FILENO) == 1, environment: environment)
    }

    /// The current number of columns of the terminal.
    static func width(environment: [String: String]) -> Int {
        var size = winsize()
        if ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            return Int(size.ws_col)
        }
        let columns = environment["COLUMNS"].flatMap { Int($0) } ?? 80
        return 1...10_000 ~= columns ? columns : 80
    }
}

/// The text styles of the terminal.
package struct Style: Hashable, Sendable {
    package let isColored: Bool

    package init(isColored: Bool) { self.isColored = isColored }

    func green(_ text: String) -> String { colored(text, 32) }
    func red(_ text: String) -> String { colored(text, 31) }
    func dim(_ text: String) -> String { colored(text, 2) }

    private func colored(_ text: String, _ code: Int) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
