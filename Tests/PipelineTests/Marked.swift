import Foundation
import Pipeline
import Testing

/// Expects exactly one diagnostic, at the mark `⟦` in `marked`, that reads `rendered`.
func expect(
    _ marked: String, _ rendered: String, kinds: [StageKind] = Samples.kinds,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let before = marked.components(separatedBy: "⟦")[0]
    let mark = Position(
        line: before.count { $0 == "\n" } + 1,
        column: (before.components(separatedBy: "\n").last?.unicodeScalars.count ?? 0) + 1)
    let text = marked.replacingOccurrences(of: "⟦", with: "")
    let diagnostics = Samples.parse(text + "\n", kinds: kinds).diagnostics
    #expect(
        diagnostics.map(\.description).joined(separator: "\n") == rendered,
        sourceLocation: sourceLocation)
    #expect(diagnostics.map(\.position) == [mark], sourceLocation: sourceLocation)
}
