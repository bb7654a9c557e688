import Foundation
import Pipeline
import Testing

@Suite("Files that are not there yet", .timeLimit(.minutes(10)))
struct MissingFileTests {
    private static let kind = StageKind(
        name: "ingest", version: 1, summary: "Reads published files.",
        outputs: [StageKind.Output("out", .files, "What it writes.")],
        options: [
            StageKind.Option("files", .list(.file), default: .array([]), "Files."),
            StageKind.Option("directory", .directory(["*.json"]), default: .null, "A directory."),
            StageKind.Option(
                "origin", .text, default: .null, affectsResult: false, "Where they are published."),
        ])

    /// The plan of a stage `a` with these options, where only the file `lab/there` exists.
    private func plan(_ options: String) throws -> Checked<Plan> {
        let checked = Samples.parse(
            "name: p\nstages:\n  a:\n    uses: ingest\n    with: { \(options) }\n",
            kinds: [Self.kind])
        return try #require(checked.value).plan(
            .init(
                namesInDirectory: { _ in throw CocoaError(.fileReadNoSuchFile) },
                digestOfFile: { path in
                    guard path == "lab/there" else { throw POSIXError(.ENOENT) }
                    return .init(of: path)
                }))
    }

    @Test("Without a place where it is published, a missing file is a mistake")
    func mistake() throws {
        #expect(
            try plan("files: [there, gone]").diagnostics.map(\.message) == [
                "the file `gone` of the option `files[1]` cannot be read: there is no such file"
            ])
    }

    @Test("With one, files and directories are missing until the stage runs")
    func missing() throws {
        let plan = try #require(
            try plan("files: [there, gone], directory: d, origin: example.org").value)
        #expect(plan.stages[0].missing.map(\.path).sorted() == ["lab/d", "lab/gone"])
        #expect(plan.stages[0].origin == "example.org")
        let forecast = try Forecast(of: plan, memory: NoMemory())
        #expect(forecast["a"] == .runs(reasons: ["2 of its files are missing"]))
        #expect(forecast.entries[0].document == nil)
    }

    @Test("A single one is named")
    func single() throws {
        let plan = try #require(try plan("files: [gone], origin: example.org").value)
        #expect(
            try Forecast(of: plan, memory: NoMemory())["a"]
                == .runs(reasons: ["its file lab/gone is missing"]))
    }
}
