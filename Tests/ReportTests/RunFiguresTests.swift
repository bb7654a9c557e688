import JSON
import Report
import Store
import TestSupport
import Testing

@Suite("Figures for programs", .timeLimit(.minutes(10)))
struct RunFiguresTests {
    private let small: SmallRun

    init() throws { small = try SmallRun() }

    private func figures() throws -> JSONValue {
        try RunFigures(try #require(try small.store.runs().first), in: small.store).json
    }

    @Test("An accuracy has its completions a question, an arm its replicates")
    func accuracy() throws {
        let execution = try small.stage("tests")
        try small.evaluation(execution, "final", "avg@4", 0.5, replicate: 0)
        let comparison = try small.stage("comparison", inputs: [execution])
        try small.execute(
            "INSERT INTO arm VALUES (\(comparison), 'o', 'final', NULL, 'avg@4', 0.5, 0.25, 1, 9, 2)"
        )
        let figures = try figures()
        #expect(
            figures["accuracy"]?.canonical
                == #"[{"high":null,"label":"final","level":null,"low":null,"measure":"avg@4","#
                + #""questions":9,"samples":4,"stage":"tests","value":0.5}]"#)
        #expect(
            figures["arms"]?.canonical
                == #"[{"high":1,"label":"final","level":null,"low":0.25,"measure":"avg@4","#
                + #""questions":9,"replicates":2,"stage":"comparison","value":0.5}]"#)
    }

    @Test("A number that is unknown is null, one without bounds is a text")
    func infinity() throws {
        let execution = try small.stage("bound")
        try small.execute(
            "INSERT INTO bound VALUES (\(execution), 'o', 2, NULL, -3, -9e999, NULL, 7)")
        #expect(
            try figures()["bounds"]?.canonical
                == #"[{"high":null,"k":2,"low":"-inf","questions":7,"stage":"bound","value":-3}]"#)
    }
}
