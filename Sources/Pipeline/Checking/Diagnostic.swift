/// A mistake in a pipeline file, ready for printing.
package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
    }

    package let severity: Severity
    package let path: String

    /// `nil` for a mistake outside of the file, such as an unknown `--set` parameter.
    package let position: Position?

    /// The message, which names the thing involved.
    package let message: String

    /// The remedy.
    package let remedy: String?

    /// The line of the file at `position`; only a part of it if it is long.
    package let sourceLine: String

    /// The offset of the position in `sourceLine`, in Unicode scalars from 0.
    let caret: Int

    /// For a mistake in a fragment: the uses of fragments that led to it, the innermost first.
    let uses: [Use]

    /// The use of a fragment by a stage.
    struct Use: Hashable, Sendable {
        let stage: String
        let path: String
        let position: Position
        let sourceLine: String
    }

    /// `path:line:column: error: message`, the source line, a caret under the column, the remedy.
    package var description: String {
        let place = position.map { ":\($0)" } ?? ""
        var lines = ["\(path)\(place): \(severity.rawValue): \(message)"]
        if position != nil, !sourceLine.isEmpty {
            let before = sourceLine.unicodeScalars.prefix(caret)
            let indent = before.map { $0 == "\t" ? "\t" : " " }.joined()
            lines += ["  " + sourceLine, "  \(indent)^"]
        }
        if let remedy { lines.append("  " + remedy) }
        for use in uses {
            lines.append("  used by the stage `\(use.stage)`, \(use.path):\(use.position):")
            lines.append("  " + use.sourceLine)
        }
        return lines.joined(separator: "\n")
    }
}

/// The part of a line around a column.
struct Excerpt {
    let text: String
    let caret: Int

    /// The maximum length; longer lines are truncated.
    static let limit = 200

    init(of line: String, column: Int) {
        let scalars = line.unicodeScalars
        let length = scalars.count
        guard length > Self.limit else {
            (text, caret) = (line, column - 1)
            return
        }
        let start = max(0, min(column - 1, length) - Self.limit / 2)
        let part = scalars.dropFirst(start).prefix(Self.limit)
        text =
            (start > 0 ? "…" : "") + String(part) + (start + Self.limit < length ? "…" : "")
        caret = column - 1 - start + (start > 0 ? 1 : 0)
    }
}

/// A value that was read from a file, with the diagnostics about the file.
package struct Checked<Wrapped: Sendable>: Sendable {
    /// `nil` exactly when a diagnostic is an error.
    package let value: Wrapped?

    /// All mistakes, in the order of the file.
    package let diagnostics: [Diagnostic]

    package init(value: Wrapped?, diagnostics: [Diagnostic]) {
        self.value = value
        self.diagnostics = diagnostics
    }

    init(_ value: Wrapped?, _ findings: Findings) {
        self.init(value: findings.hasErrors ? nil : value, diagnostics: findings.diagnostics)
    }
}

/// The mistakes found so far in a pipeline file and the fragments that it uses, each once.
struct Findings {
    /// By `Position.file`.
    private var files: [File]
    private var found: [Finding] = []
    private var seen: Set<Finding> = []

    /// The rest of `Scope.totalLimit`; negative if it is exceeded.
    private var substitutions = Scope.totalLimit

    /// The number of mistakes after which checking stops, so that a file full of mistakes takes no more time than
    /// others.
    static let limit = 1_000

    /// The number of mistakes that are printed; the rest is only counted.
    static let shown = 100

    /// Whether checking should stop.
    var isFull: Bool { found.count >= Self.limit }

    init(source: SourceFile) { files = [File(source: source, user: nil)] }

    private struct File {
        let source: SourceFile

        /// The stage that uses the fragment, and where.
        let user: (stage: String, position: Position)?
    }

    private struct Finding: Hashable {
        let mistake: Mistake
        let position: Position?
    }

    /// The pipeline file, and every fragment once per use.
    var sources: [SourceFile] { files.map(\.source) }

    /// The same files without mistakes.
    var withoutMistakes: Findings {
        var findings = Findings(source: files[0].source)
        findings.files = files
        return findings
    }

    func source(of position: Position) -> SourceFile { files[position.file].source }

    /// Adds a fragment with the mistakes found in it so far. Returns the `file` of its positions.
    mutating func open(
        _ fragment: SourceFile, with findings: Findings, usedBy stage: String,
        at position: Position
    ) -> Int {
        let file = files.count
        files.append(File(source: fragment, user: (stage, position)))
        for finding in findings.found {
            add(finding.mistake, at: (finding.position ?? .start).placed(in: file))
        }
        return file
    }

    /// Adds a mistake. A mistake in a fragment is reported only for its first use.
    mutating func add(_ mistake: Mistake, at position: Position?) {
        guard !isFull else { return }
        let finding = Finding(mistake: mistake, position: position.map { inFirstUse($0) })
        if seen.insert(finding).inserted {
            found.append(Finding(mistake: mistake, position: position))
        }
    }

    /// The same position in the first use of the fragment.
    private func inFirstUse(_ position: Position) -> Position {
        let path = source(of: position).path
        return position.placed(
            in: files.firstIndex { $0.source.path == path } ?? position.file)
    }

    /// Subtracts the size of a value after replacing references from the limit for all values. Returns whether the
    /// value is within the limits, and reports it if it is not. That all values together are too large is reported
    /// once.
    mutating func charge(_ size: Int, isTooLarge: Bool, at position: Position) -> Bool {
        guard substitutions >= 0 else { return false }
        substitutions -= size
        guard isTooLarge || substitutions < 0 else { return true }
        add(.growsTooFar(limit: Scope.valueLimit >> 20), at: position)
        return false
    }

    /// The first position of `text` at or after `position`; `position` itself if it does not occur.
    func position(of text: String, from position: Position) -> Position {
        source(of: position).position(of: text, from: position).placed(in: position.file)
    }

    var hasErrors: Bool { found.contains { $0.mistake.severity == .error } }

    /// The diagnostics in the order of the file, and at the same position in the order found. If there are too many,
    /// the first ones, errors before warnings, and the number of the others.
    var diagnostics: [Diagnostic] {
        var sorted = found.enumerated()
            .sorted { left, right in
                let places = (left.element.position ?? .start, right.element.position ?? .start)
                return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
            }.map(\.element)
        guard sorted.count > Self.shown else { return sorted.map(diagnostic) }
        let warnings = sorted.filter { $0.mistake.severity == .warning }
        sorted.removeAll { $0.mistake.severity == .warning }
        let isAllWarnings = sorted.isEmpty
        let first = (sorted + warnings).prefix(Self.shown)
        let rest = found.count - first.count
        let more = Diagnostic(
            severity: isAllWarnings ? .warning : .error, path: files[0].source.path, position: nil,
            message: isFull
                ? "at least \(rest) more mistakes were found" : "\(rest) more mistakes were found",
            remedy: "correct the mistakes above first", sourceLine: "", caret: 0, uses: [])
        return first.map(diagnostic) + [more]
    }

    private func diagnostic(_ finding: Finding) -> Diagnostic {
        let source = self.source(of: finding.position ?? .start)
        let excerpt = finding.position.map {
            Excerpt(of: source.line($0.line), column: $0.column)
        }
        return Diagnostic(
            severity: finding.mistake.severity, path: SourceFile.visible(source.path),
            position: finding.position,
            message: SourceFile.clipped(SourceFile.visible(finding.mistake.message)),
            remedy: finding.mistake.remedy.map { SourceFile.clipped(SourceFile.visible($0)) },
            sourceLine: excerpt?.text ?? "", caret: excerpt?.caret ?? 0,
            uses: finding.position.map { uses(of: $0.file) } ?? [])
    }

    private func uses(of file: Int) -> [Diagnostic.Use] {
        guard let (stage, position) = files[file].user else { return [] }
        let source = self.source(of: position)
        let use = Diagnostic.Use(
            stage: stage, path: SourceFile.visible(source.path), position: position,
            sourceLine: Excerpt(of: source.line(position.line), column: position.column).text)
        return [use] + uses(of: position.file)
    }
}
