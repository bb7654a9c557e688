/// One mistake in a pipeline file, ready to be shown.
package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
    }

    package let severity: Severity
    package let path: String

    /// `nil` for a mistake that is not in the file, such as an unknown `--set` parameter.
    package let position: Position?

    /// What is wrong, naming the thing involved.
    package let message: String

    /// What to do about it.
    package let remedy: String?

    /// The line of the file that `position` is on.
    package let sourceLine: String

    /// `path:line:column: error: message`, the source line, a caret under the column, the remedy.
    package var description: String {
        let place = position.map { ":\($0)" } ?? ""
        var lines = ["\(path)\(place): \(severity.rawValue): \(message)"]
        if let position, !sourceLine.isEmpty {
            let before = sourceLine.unicodeScalars.prefix(position.column - 1)
            let indent = before.map { $0 == "\t" ? "\t" : " " }.joined()
            lines += ["  " + sourceLine, "  \(indent)^"]
        }
        if let remedy { lines.append("  " + remedy) }
        return lines.joined(separator: "\n")
    }
}

/// A value that was read from a file, with what there is to say about the file.
package struct Checked<Wrapped: Sendable>: Sendable {
    /// `nil` exactly when a diagnostic is an error.
    package let value: Wrapped?

    /// Every mistake, in the order of the file.
    package let diagnostics: [Diagnostic]

    package init(value: Wrapped?, diagnostics: [Diagnostic]) {
        self.value = value
        self.diagnostics = diagnostics
    }

    init(_ value: Wrapped?, _ findings: Findings) {
        self.init(value: findings.hasErrors ? nil : value, diagnostics: findings.diagnostics)
    }
}

/// The mistakes found so far in one file, each once.
struct Findings {
    let source: SourceFile
    private var found: [Finding] = []
    private var seen: Set<Finding> = []

    init(source: SourceFile) { self.source = source }

    private struct Finding: Hashable {
        let mistake: Mistake
        let position: Position?
    }

    mutating func add(_ mistake: Mistake, at position: Position?) {
        let finding = Finding(mistake: mistake, position: position)
        if seen.insert(finding).inserted { found.append(finding) }
    }

    var hasErrors: Bool { found.contains { $0.mistake.severity == .error } }

    /// In the order of the file; at one place, in the order found.
    var diagnostics: [Diagnostic] {
        found.enumerated()
            .sorted { left, right in
                let places = (left.element.position ?? .start, right.element.position ?? .start)
                return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
            }
            .map { _, finding in
                Diagnostic(
                    severity: finding.mistake.severity, path: source.path,
                    position: finding.position,
                    message: SourceFile.visible(finding.mistake.message),
                    remedy: finding.mistake.remedy.map(SourceFile.visible),
                    sourceLine: finding.position.map { source.line($0.line) } ?? "")
            }
    }
}
