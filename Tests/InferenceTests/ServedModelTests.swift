import Foundation
import Inference
import JSON
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(10)))
struct ServedModelTests {
    private let directory: TemporaryDirectory
    private let log = Lines()

    init() throws { directory = try TemporaryDirectory() }

    private var journal: String { directory.path + "/answers.jsonl" }

    private var fingerprints: FingerprintRecord {
        FingerprintRecord(directory.path + "/fingerprints.json") { [log] in
            log.add("fingerprints: " + $0.joined(separator: ", "))
        }
    }

    private func model(_ server: StandIn, failedLimit: Double = 0) throws -> ServedModel {
        var policy = RequestQueue.Policy()
        policy.concurrency = 8
        let places = ["http://a:1", "http://b:2"].compactMap { ServerPlace($0) }
        return ServedModel(
            .vllm, name: "tiny",
            queue: RequestQueue(
                places, server, policy, clock: StandInClock().clock, log: { _ in }),
            concurrency: 8, failedLimit: failedLimit, journal: journal, fingerprints: fingerprints,
            text: { _ in "" },
            log: { [log] in log.add($0) })
    }

    private let requests = (0..<200).map {
        GenerationRequest(
            prompt: [1, 2, Int32($0 / 8)], maxTokens: 6,
            seed: GenerationRequest.seed(3, stream: UInt64($0 / 8), sample: $0 % 8))
    }

    @Test("With every third answer spoiled by every fault, the samples and scores are the same")
    func faults() async throws {
        let clean = try await model(StandIn()).generate(requests)
        try FileManager.default.removeItem(atPath: journal)
        let server = StandIn(.init(faults: StandIn.Fault.allCases))
        let spoiled = try await model(server).generate(requests)
        #expect(spoiled.map(\.?.tokens) == clean.map(\.?.tokens))
        #expect(spoiled.map(\.?.logProbabilities) == clean.map(\.?.logProbabilities))
        #expect(Set(clean.compactMap(\.?.tokens)).count > 100)
        let sequences = requests.map(\.prompt)
        #expect(
            try await model(server).logProbabilities(of: sequences)
                == sequences.map { $0.dropFirst().map { StandIn.logProbability(of: Int($0)) } })
    }

    @Test("After an interruption, only missing samples are asked for")
    func resumes() async throws {
        let clean = try await model(StandIn()).generate(requests).map(\.?.tokens)
        try FileManager.default.removeItem(atPath: journal)
        let server = StandIn(
            .init(answer: { body in
                guard case .integer(let seed)? = body["seed"], seed % 3 == 0 else { return nil }
                return HTTPAnswer(status: 400, body: "")
            }))
        await #expect(throws: InferenceError.self) {
            _ = try await model(server).generate(requests)
        }
        let kept = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").count
        // A line that was being written.
        let file = try #require(FileHandle(forWritingAtPath: journal))
        try file.seekToEnd()
        try file.write(contentsOf: Data("{\"key\":\"5".utf8))
        try file.close()
        let second = StandIn()
        #expect(try await model(second).generate(requests).map(\.?.tokens) == clean)
        #expect(second.completions.count == 200 - kept)
        if kept > 0 {
            #expect(log.lines.contains("\(kept) answers of an earlier attempt are kept"))
        }
        let third = StandIn()
        #expect(try await model(third).generate(requests).map(\.?.tokens) == clean)
        #expect(third.completions.isEmpty)
    }

    @Test("The fingerprints of all servers that answered are known, also to later attempts")
    func fingerprintsOfServers() async throws {
        _ = try await model(StandIn()).generate(Array(requests.prefix(3)))
        _ = try await model(StandIn(.init(fingerprint: "another"))).logProbabilities(of: [[1, 2]])
        try await fingerprints.begin(with: [])
        #expect(
            log.lines.filter { $0.hasPrefix("fingerprints: ") } == [
                "fingerprints: stand-in", "fingerprints: another, stand-in",
                "fingerprints: another, stand-in",
            ])
    }

    @Test("Answers to other requests are removed, because they are in finished parts")
    func finishedParts() async throws {
        _ = try await model(StandIn()).generate(Array(requests.prefix(20)))
        _ = try await model(StandIn()).generate(Array(requests.suffix(5)))
        let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 5)
    }

    /// Answers requests with a seed below a tenth of all seeds with damaged text.
    private var poisoned: StandIn {
        StandIn(
            .init(answer: { body in
                guard case .integer(let seed)? = body["seed"], seed < Int.max / 10 else {
                    return nil
                }
                return HTTPAnswer(status: 200, body: "{}")
            }))
    }

    @Test("A request that fails repeatedly fails the call, or is missing within the limit")
    func failedLimit() async throws {
        let bad = requests.filter { $0.seed < UInt64(Int.max / 10) }.count
        try #require(bad > 0)
        await #expect(throws: InferenceError.failed("http://a:1", attempts: 12, .missing("model")))
        {
            // Only one server, so that the name is known.
            var policy = RequestQueue.Policy()
            policy.concurrency = 8
            let model = ServedModel(
                .vllm, name: "tiny",
                queue: RequestQueue(
                    [ServerPlace.address("http://a:1")], poisoned, policy,
                    clock: StandInClock().clock,
                    log: { _ in }), concurrency: 8, failedLimit: 0, journal: journal,
                fingerprints: fingerprints, text: { _ in "" }, log: { _ in })
            _ = try await model.generate(requests)
        }
        let generations = try await model(poisoned, failedLimit: 0.5).generate(requests)
        #expect(generations.filter { $0 == nil }.count == bad)
        #expect(
            log.lines.last?.hasPrefix(
                "\(bad) of 200 samples are missing, because requests failed: ") == true)
        let limit = (Double(bad) - 0.5) / 200
        do {
            _ = try await model(poisoned, failedLimit: limit).generate(requests)
            Issue.record("no error")
        } catch InferenceError.tooManyFailures(let count, of: 200, limit: _, last: _) {
            #expect(count == bad)
        }
    }

    @Test("Seeds of neighbouring samples and streams have nothing in common")
    func seeds() {
        let seeds = (0..<50).flatMap { stream in
            (0..<50).map { GenerationRequest.seed(1, stream: UInt64(stream), sample: $0) }
        }
        #expect(Set(seeds).count == 2500)
        #expect(seeds.allSatisfy { $0 < 1 << 63 })
        #expect(zip(seeds, seeds.dropFirst()).allSatisfy { abs(Int($0) - Int($1)) > 1000 })
    }
}
