import Foundation
import Pipeline
import Testing

@Suite("Lines of events", .timeLimit(.minutes(10)))
struct EventLineTests {
    private func event(_ line: String) -> StageEvent? {
        Array(line.utf8).withUnsafeBytes { StageEvent(line: $0) }
    }

    private func printed(_ line: String) -> StageEvent? {
        Array(line.utf8).withUnsafeBytes { StageEvent(printed: $0) }
    }

    private func line(_ event: StageEvent) -> String {
        var bytes: [UInt8] = []
        event.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("A point is one line of JSON")
    func spelling() {
        #expect(
            line(.metric(name: "loss", step: 3, value: 0.5))
                == #"{"metric":{"name":"loss","step":3,"value":0.5}}"# + "\n")
        #expect(
            line(.metric(name: "a \"b\"\n\\", step: -1, value: .infinity))
                == #"{"metric":{"name":"a \"b\"\n\\","step":-1,"value":"inf"}}"# + "\n")
    }

    @Test("Numbers of any size keep every bit")
    func numbers() {
        var state: UInt64 = 7
        var values: [Double] = [
            0, -0.0, 1, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            .leastNormalMagnitude, 1e22, 1e23,
            123_456_789_012_345_680, 9_007_199_254_740_992, 1e-7, 0.30000000000000004,
        ]
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state)
            if value.isFinite { values.append(value) }
            values.append(Double(state >> 40) / 1000)
        }
        for value in values {
            let text = line(.metric(name: "x", step: 1, value: value)).dropLast()
            #expect(event(String(text)) == .metric(name: "x", step: 1, value: value))
        }
    }

    @Test(
        "Other programs' spellings are read",
        arguments: [
            #"{"metric": {"name": "loss", "step": 3, "value": 0.5}}"#,
            #"{"metric":{"name":"loss","step":3,"value":5e-1}}"#,
            #"{"metric":{"value":0.5,"step":3,"name":"loss"}}"#,
            #"{ "metric" : { "name" : "l\u006fss", "step" : 3, "value" : 0.50 } }"#,
        ])
    func spellings(line: String) {
        #expect(printed(line) == .metric(name: "loss", step: 3, value: 0.5))
    }

    @Test(
        "NaN and infinities are read in Python's spelling",
        arguments: [
            ("NaN", Double.nan), ("null", .nan), ("Infinity", .infinity), ("-Infinity", -.infinity),
            ("\"nan\"", .nan), ("\"-inf\"", -.infinity),
        ])
    func noNumbers(text: String, value: Double) throws {
        let event = printed("{\"metric\": {\"name\": \"loss\", \"step\": 3, \"value\": \(text)}}")
        guard case .metric("loss", 3, let read)? = event else {
            Issue.record("\(text) is not read")
            return
        }
        #expect(read == value || (read.isNaN && value.isNaN))
    }

    @Test("Programs may tell progress and checkpoints; other lines are text for the log")
    func kinds() {
        #expect(
            printed(#"{"progress":{"done":1,"total":9,"unit":"step"}}"#)
                == .progress(done: 1, total: 9, unit: "step"))
        #expect(printed(#"{"checkpoint":{"step":7}}"#) == .checkpoint(step: 7))
        #expect(printed(#"{"resumed":{"step":7}}"#) == .resumed(step: 7))
        for line in [
            "loss 0.5", "", "{", "{}", "[1]", #"{"metric":1}"#, #"{"log":{"text":"x"}}"#,
            #"{"metric":{"name":"loss","step":3}}"#,
            #"{"metric":{"name":"loss","step":3,"value":0x10}}"#,
            #"{"metric":{"name":"loss","step":03,"value":1}}"#,
            #"{"metric":{"name":"loss","step":3,"value":1.}}"#,
            #"{"metric":{"name":"loss","step":3,"value":1}} more"#,
        ] {
            #expect(printed(line) == nil, "\(line)")
        }
    }
}
