import Execution
import Testing
import vireo

@Suite("What a run shows", .timeLimit(.minutes(10)))
struct DisplayTests {
    private let plain = Style(isColored: false)

    /// The frames of a terminal, without colours, for events at times.
    private func frames(_ events: [(RunEvent, Double)], width: Int = 100) -> [String] {
        var display = RunDisplay()
        return events.map { event, time in
            let notice = display.apply(event, at: time)
            return display.frame(notice, at: time, width: width, style: plain)
        }
    }

    @Test("A terminal has a line for each running stage and keeps those of finished ones")
    func terminal() {
        let up = "\u{1B}[1A\u{1B}[J"
        #expect(
            frames([
                (.began(stages: ["questions", "prior"]), 0),
                (.cached(stage: "questions"), 0),
                (.started(stage: "prior", reason: "it has never run"), 0),
                (.progressed(stage: "prior", done: 30, total: 120, unit: "step"), 2),
                (.measured(stage: "prior", name: "loss", value: 1.2344), 2),
                (.progressed(stage: "prior", done: 60, total: 120, unit: "step"), 4),
                (.finished(stage: "prior", seconds: 4.1), 4.1),
            ]) == [
                "",
                "= questions  cached\n",
                "  prior  ────────────────────────  0 s\n",
                up + "  prior  ━━━━━━──────────────────  30/120 steps  15.0/s  6 s left\n",
                up
                    + "  prior  ━━━━━━──────────────────  30/120 steps  15.0/s  6 s left  loss 1.234\n",
                up
                    + "  prior  ━━━━━━━━━━━━────────────  60/120 steps  15.0/s  4 s left  loss 1.234\n",
                up + "✓ prior      60 steps  4.1 s\n",
            ])
    }

    @Test("Several running stages are redrawn together, below the messages")
    func several() {
        #expect(
            frames([
                (.started(stage: "a", reason: "x"), 0), (.started(stage: "long", reason: "x"), 1),
                (.failed(stage: "a", error: "no disk", log: "work/1/log.txt"), 2),
                (.skipped(stage: "b", reason: "a stage that it depends on did not finish"), 2),
                (.cancelled(stage: "long"), 3),
            ]) == [
                "  a  ────────────────────────  0 s\n",
                """
                \u{1B}[1A\u{1B}[J  a     ────────────────────────  1 s
                  long  ────────────────────────  0 s

                """,
                """
                \u{1B}[2A\u{1B}[J✗ a  no disk
                    full log: work/1/log.txt
                  long  ────────────────────────  1 s

                """,
                """
                \u{1B}[1A\u{1B}[J- b  skipped, because a stage that it depends on did not finish
                  long  ────────────────────────  1 s

                """,
                "\u{1B}[1A\u{1B}[J■ long  stopped; the next run resumes it\n",
            ])
    }

    @Test("Progress that was made before a task was looked at does not count for its rate")
    func followed() {
        var stage = RunningStage(id: "a", started: 0, isFollowed: true)
        for step in 1...100 { stage.progress(done: step, total: 200, unit: "step", at: 0.5) }
        #expect(stage.plainLine(at: 1) == "a: 100/200 steps")
        stage.progress(done: 110, total: 200, unit: "step", at: 5.5)
        #expect(stage.plainLine(at: 5.5) == "a: 110/200 steps, 2.0/s, 45 s left")
    }

    @Test("A stage whose task stays in the queue is not said to be stopped")
    func left() {
        #expect(
            frames([(.queued(stage: "a"), 0), (.left(stage: "a"), 1)]).last?
                .hasSuffix("~ a  its task stays in the queue; the next run waits for it\n") == true)
        #expect(
            Notice.left("a").plainLine
                == "a: its task stays in the queue; the next run waits for it")
    }

    @Test("A line never is wider than the terminal")
    func narrow() {
        let lines = frames(
            [
                (.started(stage: "prior", reason: "x"), 0),
                (.progressed(stage: "prior", done: 30, total: 120, unit: "step"), 2),
            ], width: 30)
        #expect(lines[0] == "  prior  ───────────────  0 s\n")
        #expect(lines[1] == "\u{1B}[1A\u{1B}[J  prior  30/120 steps  15.0/s\n")
    }

    @Test(
        "Any progress can be shown",
        arguments: [Int.min, -1, 0, 1, 10, .max], [Int.min, -5, 0, 7, .max])
    func anyProgress(done: Int, total: Int) {
        for width in [Int.min, -1, 0, 1, 30, 100, .max] {
            let texts = frames(
                [
                    (.started(stage: "a", reason: "x"), 0),
                    (.progressed(stage: "a", done: 0, total: total, unit: "step"), 1),
                    (.progressed(stage: "a", done: done, total: total, unit: ""), 2),
                    (.measured(stage: "a", name: "loss", value: .infinity), 3),
                ], width: width)
            #expect(texts.allSatisfy { $0.hasSuffix("\n") })
        }
    }

    @Test("Neither a unit nor a name can steer the terminal, nor fill it")
    func control() {
        let unit = "x\u{1B}]0;title\u{7}\n" + String(repeating: "y", count: 1000)
        let texts = frames([
            (.started(stage: "a", reason: "\u{1B}[2J"), 0),
            (.progressed(stage: "a", done: 1, total: 4, unit: unit), 1),
            (.measured(stage: "a", name: "lo\u{9B}ss", value: 1), 2),
            (.skipped(stage: "b", reason: "\u{1B}c"), 3),
            (.waiting(stage: "c", runner: "\u{1B}c"), 3),
        ])
        for text in texts {
            let shown = text.replacing("\u{1B}[1A\u{1B}[J", with: "")
            #expect(
                !shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{9B}" })
            #expect(shown.count < 400)
        }
    }

    @Test("Colours set off the bar and the marks")
    func colours() {
        var display = RunDisplay()
        let notice = display.apply(.cached(stage: "a"), at: 0)
        let text = display.frame(notice, at: 0, width: 80, style: Style(isColored: true))
        #expect(text == "\u{1B}[2m= a  cached\u{1B}[0m\n")
    }

    @Test("Where lines cannot be redrawn, a stage is mentioned every five seconds")
    func lines() {
        var display = RunDisplay()
        func text(_ event: RunEvent, _ time: Double) -> String {
            let notice = display.apply(event, at: time)
            return display.plainText(notice, at: time)
        }
        #expect(text(.cached(stage: "questions"), 0) == "questions: cached\n")
        #expect(
            text(.started(stage: "prior", reason: "with.steps 1 -> 2"), 0)
                == "prior: started (with.steps 1 -> 2)\n")
        func progress(_ done: Int, _ time: Double) -> String {
            text(.progressed(stage: "prior", done: done, total: 100, unit: "step"), time)
        }
        #expect(progress(20, 2) == "")
        #expect(progress(50, 5) == "prior: 50/100 steps, 10.0/s, 5 s left\n")
        #expect(progress(99, 9.9) == "")
        #expect(text(.finished(stage: "prior", seconds: 10), 10) == "prior: finished in 10.0 s\n")
    }

    /// What is printed without a terminal for events at times.
    private func plainLines(_ events: [(RunEvent, Double)]) -> [String] {
        var display = RunDisplay()
        return events.map { event, time in
            display.plainText(display.apply(event, at: time), at: time)
        }
    }

    @Test("The tasks of an array have one line when they are submitted, and one each at their ends")
    func submission() {
        let parts = (1...20).map { "part[seed=\($0)]" }
        #expect(
            plainLines(
                parts.map { (.queued(stage: $0), 0) } + [
                    (.submitted(stages: parts, job: "123", isNew: true), 0.5),
                    (.placed(stage: parts[0], node: "n1"), 10),
                    (.finished(stage: parts[0], seconds: 12), 12),
                ])
                == parts.map { _ in "" } + [
                    "vireo: 20 tasks submitted as job 123 (part[…])\n", "",
                    "part[seed=1]: finished in 12.0 s\n",
                ])
    }

    @Test("A job is named with its stages")
    func jobs() {
        func line(_ stages: [String], isNew: Bool = true) -> String {
            plainLines([(.submitted(stages: stages, job: "7", isNew: isNew), 0)])[0]
        }
        #expect(line(["train"]) == "vireo: 1 task submitted as job 7 (train)\n")
        #expect(line(["part[a=1]"]) == "vireo: 1 task submitted as job 7 (part[a=1])\n")
        #expect(
            line(["arm[a=1]/sft", "eval", "arm[a=2]/sft"])
                == "vireo: 3 tasks submitted as job 7 (arm[…]/sft, eval)\n")
        #expect(
            line(["a", "b", "c", "d", "e", "f"])
                == "vireo: 6 tasks submitted as job 7 (a, b, c, d and 2 more)\n")
        #expect(
            line(["a", "b"], isNew: false)
                == "vireo: waiting for 2 tasks of job 7, submitted before (a, b)\n")
    }

    @Test("Running stages take turns with their progress where lines cannot be redrawn")
    func turns() {
        var display = RunDisplay()
        for stage in ["a", "b"] { _ = display.apply(.started(stage: stage, reason: "x"), at: 0) }
        #expect(display.plainText(nil, at: 4.9) == "")
        #expect(display.plainText(nil, at: 5) == "a: 5 s\n")
        #expect(display.plainText(nil, at: 9.9) == "")
        #expect(display.plainText(nil, at: 10) == "b: 10 s\n")
        #expect(display.plainText(nil, at: 15) == "a: 15 s\n")
    }

    @Test("A terminal has lines for the stages that run on nodes, and counts the others")
    func queue() {
        let parts = (1...30).map { "p[i=\($0)]" }
        let up = { (lines: Int) in "\u{1B}[\(lines)A\u{1B}[J" }
        var events: [(RunEvent, Double)] = parts.map { (.queued(stage: $0), 0) }
        events.append((.placed(stage: parts[0], node: "n1"), 0))
        let two = frames(events).suffix(2)
        #expect(
            Array(two) == [
                up(1) + "  30 queued\n",
                up(1) + "  p[i=1]  ────────────────────────  0 s\n  29 queued\n",
            ])
        events += parts.dropFirst().map { (.placed(stage: $0, node: "n1"), 0) }
        // One waits again.
        events.append((.queued(stage: parts[29]), 0))
        let last = frames(events).last ?? ""
        #expect(last.hasPrefix(up(21)))
        #expect(last.hasSuffix("  0 s\n  9 more running, 1 queued\n"))
        #expect(last.split(separator: "\n").count == 21)
    }

    @Test("The pace does not include the work of earlier attempts")
    func resumed() {
        var display = RunDisplay()
        _ = display.apply(.started(stage: "prior", reason: "x"), at: 0)
        let notice = display.apply(.resumed(stage: "prior", step: 1000), at: 1)
        #expect(notice?.plainLine == "prior: resumed after step 1000")
        _ = display.apply(.progressed(stage: "prior", done: 1000, total: 1500, unit: "step"), at: 1)
        _ = display.apply(.progressed(stage: "prior", done: 1100, total: 1500, unit: "step"), at: 6)
        #expect(
            display.plainText(nil, at: 6) == "prior: 1100/1500 steps, 20.0/s, 20 s left\n")
    }

    @Test("The pace is that of the last fifteen seconds")
    func pace() {
        var stage = RunningStage(id: "a", started: 0)
        stage.progress(done: 1000, total: 2000, unit: "question", at: 1)
        stage.progress(done: 1100, total: 2000, unit: "question", at: 20)
        stage.progress(done: 1200, total: 2000, unit: "question", at: 30)
        #expect(stage.plainLine(at: 30) == "a: 1200/2000 questions, 10.0/s, 1 m 20 s left")
    }
}
