import Files
import Testing

import Pipeline

@Suite("Axes and repetitions", .timeLimit(.minutes(10)))
struct RepetitionTests {
    private func parse(_ stages: String, matrix: String = "{}") -> Checked<Pipeline> {
        Pipeline.parse(
            SourceFile(path: "p.yaml", text: "name: p\nmatrix: \(matrix)\nstages:\n\(stages)"),
            kinds: [Samples.command])
    }

    private func keys(_ stages: String) throws -> [Digest] {
        let parsed = parse(stages)
        let pipeline = try #require(parsed.value, "\(parsed.diagnostics)")
        let plan = pipeline.plan(digestOfFile: { _ in Digest(of: "") })
        return try #require(plan.value).stages.map { $0.keyDocument(inputs: [:]).key }
    }

    @Test("An axis of a stage that does not reach it is a mistake")
    func unreached() {
        let parsed = parse(
            "  a: { uses: command, with: { argv: [a] }, matrix: { rep: [0, 1, 2] } }\n")
        #expect(
            parsed.diagnostics.map(\.message) == [
                "the axis `rep` is not used by the stage `a`: 3 of its instances would have the "
                    + "same cache key"
            ])
    }

    @Test("`replicate: true` on an axis has the keys of `replicates` on the stage")
    func replicateAxis() throws {
        let named = try keys(
            """
              a: { uses: command, with: { argv: [a] }, matrix: { rep: [0, 1] }, replicates: rep }
            """)
        let flagged = try keys(
            """
              a:
                uses: command
                with: { argv: [a] }
                matrix: { rep: { values: [0, 1], replicate: true } }
            """)
        #expect(flagged == named && Set(named).count == 2)
    }

    @Test(
        "Mistakes in the long form of an axis",
        arguments: [
            ("{ replicate: true }", "the matrix axis `rep` has no `values`"),
            ("{ values: [0], replicates: true }", "the matrix axis `rep` has no key `replicates`"),
            ("{ values: [0], replicate: 1 }", "`replicate` must be `true` or `false`, not `1`"),
            (
                "{ values: [0, 1], replicate: false }",
                "the axis `rep` is not used by the stage `a`: 2 of its instances would have the "
                    + "same cache key"
            ),
        ])
    func longForm(axis: String, message: String) {
        let parsed = parse(
            "  a: { uses: command, with: { argv: [a] }, matrix: { rep: \(axis) } }\n")
        #expect(parsed.diagnostics.map(\.message) == [message])
    }

    @Test("Only the axis that does not reach it is named")
    func oneOfTwo() {
        let parsed = parse(
            """
              a:
                uses: command
                with: { argv: [a, "${matrix.x}"] }
                matrix: { x: [0, 1], rep: [0, 1, 2] }
            """)
        #expect(
            parsed.diagnostics.map(\.message) == [
                "the axis `rep` is not used by the stage `a`: 3 of its instances would have the "
                    + "same cache key"
            ])
    }

    @Test("Repetitions have keys of their own, other stages the keys they had")
    func replicates() throws {
        let plain = try keys("  a: { uses: command, with: { argv: [a] } }\n")
        let repeated = try keys(
            """
              a: { uses: command, with: { argv: [a] }, matrix: { rep: [0, 1] }, replicates: rep }
            """)
        #expect(Set(plain + repeated).count == 3)
        #expect(
            plain.map(\.short) == [
                Digest(
                    of:
                        #"{"files":{},"inputs":{},"kind":"command","options":{"argv":["a"],"outputs":["out"]},"version":1}"#
                ).short
            ])
    }

    @Test("An axis reaches a stage through what it reads")
    func inputs() {
        let parsed = parse(
            """
              a: { uses: command, with: { argv: [a] }, matrix: { rep: [0, 1] }, replicates: rep }
              b: { uses: command, in: { x: a }, with: { argv: [b] }, matrix: { rep: [0, 1] } }
            """)
        #expect(parsed.diagnostics.isEmpty)
    }

    @Test("An axis of the file that reaches stages only through each other is a mistake")
    func axisOfChain() {
        let parsed = parse(
            """
              a: { uses: command, with: { argv: [a] } }
              b: { uses: command, in: { x: a }, with: { argv: [b] } }
            """, matrix: "{ spare: [0, 1, 2] }")
        #expect(
            parsed.diagnostics.map(\.message) == [
                "the axis `spare` is not used by any stage",
                "the axis `spare` is not used by the stage `a`: 3 of its instances have the same "
                    + "cache key and share one execution",
                "the axis `spare` is not used by the stage `b`: 3 of its instances have the same "
                    + "cache key and share one execution",
            ])
    }

    @Test("Axes of stages that reach them only through each other are mistakes")
    func axesOfChain() {
        let parsed = parse(
            """
              a: { uses: command, with: { argv: [a] }, matrix: { rep: [0, 1] } }
              b: { uses: command, in: { x: a }, with: { argv: [b] }, matrix: { rep: [0, 1] } }
              c: { uses: command, in: { x: b }, with: { argv: [c] }, matrix: { rep: [0, 1] } }
            """)
        #expect(
            parsed.diagnostics.map(\.message)
                == ["a", "b", "c"].map {
                    "the axis `rep` is not used by the stage `\($0)`: 2 of its instances would have "
                        + "the same cache key"
                })
    }

    @Test("A manifest makes instances of a stage differ that read the same artifact")
    func manifest() {
        let parsed = parse(
            """
              a: { uses: command, with: { argv: [a] } }
              b: { uses: command, in: { x: a }, with: { argv: [b, "${in.x.manifest}"] } }
            """, matrix: "{ spare: [0, 1] }")
        #expect(
            parsed.diagnostics.map(\.message) == [
                "the axis `spare` is not used by the stage `a`: 2 of its instances have the same "
                    + "cache key and share one execution"
            ])
    }

    @Test("`replicates` with a name that is not an axis is a mistake")
    func unknown() {
        let parsed = parse(
            "  a: { uses: command, with: { argv: [a] }, replicates: rep }\n")
        #expect(
            parsed.diagnostics.map(\.message) == [
                "`replicates` names `rep`, which is not an axis of the stage"
            ])
    }

    @Test(
        "An axis of the file must affect a stage; a `command` stage that it does not affect causes a warning"
    )
    func axesOfFile() {
        let none = parse(
            "  a: { uses: command, with: { argv: [a] } }\n", matrix: "{ seed: [0, 1] }")
        #expect(none.diagnostics.contains { $0.severity == .error })
        let some = parse(
            """
              a: { uses: command, with: { argv: [a] } }
              b: { uses: command, in: { x: a }, with: { argv: [b, "${matrix.seed}"] } }
            """, matrix: "{ seed: [0, 1] }")
        #expect(some.diagnostics.map(\.severity) == [.warning])
        #expect(some.value != nil)
    }
}
