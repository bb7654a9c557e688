import Foundation
import Pipeline
import Testing

import Stages

@Suite("Events among what a program prints", .timeLimit(.minutes(10)))
struct PrintedEventsTests {
    /// What several lines come to.
    private func read(_ lines: [String]) -> (events: [StageEvent?], warnings: [String]) {
        var printed = PrintedEvents()
        var (events, warnings): ([StageEvent?], [String]) = ([], [])
        for line in lines {
            let (event, more) = Array(line.utf8).withUnsafeBytes { printed.read($0) }
            events.append(event)
            warnings += more
        }
        return (events, warnings)
    }

    private func point(_ name: String, _ step: Int?, _ value: String = "1") -> String {
        let step = step.map { ",\"step\":\($0)" } ?? ""
        return "{\"metric\":{\"name\":\"\(name)\"\(step),\"value\":\(value)}}"
    }

    @Test("A point without a step has the one after the last of its series")
    func unnumbered() {
        let (events, warnings) = read([
            point("a", nil), point("a", nil), point("b", 7), point("b", nil, "2.5"),
            point("b", .max), point("b", nil),
        ])
        #expect(
            events == [
                .metric(name: "a", step: 0, value: 1), .metric(name: "a", step: 1, value: 1),
                .metric(name: "b", step: 7, value: 1), .metric(name: "b", step: 8, value: 2.5),
                .metric(name: "b", step: .max, value: 1), .metric(name: "b", step: .max, value: 1),
            ])
        #expect(warnings.count == 1)
    }

    @Test(
        "A point may have its members in any order, no step, and a value that is not finite",
        arguments: [
            ("{\"metric\":{\"name\":\"a\",\"value\":NaN}}", 0, Double.nan),
            ("{\"metric\": {\"value\": -Infinity, \"name\": \"a\"}}", 0, -.infinity),
            ("{\"metric\":{\"step\":5,\"name\":\"a\",\"value\":Infinity}}", 5, .infinity),
            ("{\"metric\":{\"name\":\"a\",\"value\":NaN,\"step\":5}}", 5, .nan),
            ("{\"metric\":{\"value\":null,\"name\":\"a\"}}", 0, .nan),
            ("{\"metric\":{\"value\":0.5,\"name\":\"a\"}}", 0, 0.5),
        ])
    func loose(line: String, step: Int, value: Double) throws {
        let (events, warnings) = read([line])
        #expect(warnings.isEmpty)
        guard case .metric("a", step, let read)?? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(read == value || (read.isNaN && value.isNaN))
    }

    @Test("After a resumption a series without steps goes on behind the step that was resumed from")
    func unnumberedResumption() {
        let (events, _) = read([
            "{\"resumed\":{\"step\":2}}", point("a", nil), point("a", nil), point("b", 9),
            point("b", nil),
        ])
        #expect(
            events == [
                .resumed(step: 2), .metric(name: "a", step: 3, value: 1),
                .metric(name: "a", step: 4, value: 1), .metric(name: "b", step: 9, value: 1),
                .metric(name: "b", step: 10, value: 1),
            ])
    }

    @Test(
        "A step that cannot have been saved makes a line text",
        arguments: ["-1", "9007199254740993"])
    func unsavedStep(step: String) {
        for kind in ["checkpoint", "resumed"] {
            let (events, warnings) = read(["{\"\(kind)\":{\"step\":\(step)}}"])
            #expect(events == [nil])
            #expect(warnings.count == 1)
        }
    }

    @Test("What looks like a number that is not finite within a text stays as it is")
    func words() {
        let (events, _) = read(["{\"metric\":{\"name\":\"NaN \\\"Infinity\",\"value\":1}}"])
        #expect(events == [.metric(name: "NaN \"Infinity", step: 0, value: 1)])
        #expect(read(["{\"metric\":{\"name\":\"a\"}}"]).events == [nil])
    }

    @Test("A step that comes again in a series is warned of once")
    func repeated() {
        let (events, warnings) = read([
            point("a", 0), point("b", 0), point("a", 0), point("a", 0), point("a", 1),
        ])
        #expect(!events.contains(nil))
        #expect(
            warnings == [
                "metric a has step 0 after step 0: of several points with one step only the last is kept"
            ])
    }

    @Test("Points that a resumed program tells again are not warned of")
    func resumed() {
        let (_, warnings) = read([
            point("a", 5), "{\"resumed\":{\"step\":2}}", point("a", 3), point("a", 4),
        ])
        #expect(warnings.isEmpty)
    }

    @Test("A line that begins as an event and is none is text, and warned of once a kind")
    func malformed() {
        let (events, warnings) = read([
            point("a", 1, "\"high\""), point("a", 2, "[]"), "{\"metric\":3}",
            "{\"progress\":{\"done\":1.5,\"total\":2,\"unit\":\"x\"}}", "{\"loss\":3}", "{", "text",
            "{\"checkpoint\":{}}",
        ])
        #expect(events.allSatisfy { $0 == nil })
        #expect(warnings.count == 3)
        #expect(
            warnings.first
                == "a line begins as a metric but is not valid, and is logged as text: write it as {\"metric\":{\"name\":\"loss\",\"step\":3,\"value\":0.5}}"
        )
    }

    @Test("Progress is at least 0 and at most all")
    func progress() {
        func line(_ done: Int, _ total: Int) -> String {
            "{\"progress\":{\"done\":\(done),\"total\":\(total),\"unit\":\"x\"}}"
        }
        let (events, _) = read([line(-1, 10), line(11, 10), line(.min, .min), line(.max, .max)])
        #expect(
            events == [
                .progress(done: 0, total: 10, unit: "x"), .progress(done: 10, total: 10, unit: "x"),
                .progress(done: 0, total: 0, unit: "x"),
                .progress(done: .max, total: .max, unit: "x"),
            ])
    }

    @Test("Names with control characters stay apart, and an endless or empty one is no name")
    func names() {
        let (events, warnings) = read([
            point("a\\u0000b", 0), point("a\\u0000c", 0), point("", 0),
            point(String(repeating: "n", count: 1000), 0),
        ])
        #expect(
            events == [
                .metric(name: "a\\u{0}b", step: 0, value: 1),
                .metric(name: "a\\u{0}c", step: 0, value: 1), nil, nil,
            ])
        #expect(warnings.count == 1)
    }
}
