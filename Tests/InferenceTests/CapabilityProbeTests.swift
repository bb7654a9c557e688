import Inference
import JSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CapabilityProbeTests {
    private func finding(
        _ settings: StandIn.Settings, kind: ServerKind = .vllm, urls: [String] = ["http://a:1"],
        scores: Bool = true, concurrency: Int = 16
    ) async throws -> CapabilityProbe.Finding {
        var policy = RequestQueue.Policy()
        policy.concurrency = concurrency
        let queue = RequestQueue(
            try urls.map { try #require(ServerPlace($0)) }, StandIn(settings), policy,
            clock: StandInClock().clock, log: { _ in })
        return try await CapabilityProbe(
            kind: kind, version: "0.32.0", model: "tiny", concurrency: concurrency,
            prompt: [1, 2, 3], scores: scores
        ).run(on: queue)
    }

    private func failure(
        _ settings: StandIn.Settings, kind: ServerKind = .vllm
    ) async -> String {
        do { return "\(try await finding(settings, kind: kind))" } catch { return "\(error)" }
    }

    @Test("A server that does what is expected passes, with its context and fingerprint")
    func passes() async throws {
        let finding = try await finding(.init(), urls: ["http://a:1", "http://b:2"])
        #expect(finding.contextLength == 1024)
        #expect(finding.fingerprints == ["stand-in"])
        #expect(finding.difference == 0)
    }

    @Test("A context that is no length is not believed", arguments: [0, -1, .min])
    func context(length: Int) async throws {
        var settings = StandIn.Settings()
        settings.contextLength = length
        #expect(try await finding(settings).contextLength == nil)
    }

    @Test("Another version is refused")
    func version() async {
        #expect(
            await failure(.init(version: "0.33.1"))
                == "http://a:1 has the version 0.33.1, not 0.32.0: set `version`, which is part of the cache key"
        )
    }

    @Test("A server without the model is refused")
    func model() async {
        #expect(
            await failure(.init(model: "other"))
                == "http://a:1 does not serve the model `tiny`, but `other`")
    }

    @Test("A server that ignores seeds is refused")
    func seeds() async {
        #expect(
            await failure(.init(usesSeeds: false))
                == "http://a:1 gives the same text for different seeds, so that all samples would be equal"
        )
    }

    @Test("A server that does not repeat a text is refused")
    func repeats() async {
        #expect(
            await failure(.init(isRepeatable: false))
                == "http://a:1 gives different texts for the same seed, so that a result could not be repeated"
        )
    }

    @Test("Log-probabilities that are not those of the model are refused")
    func scores() async throws {
        let message = await failure(.init(temperature: 2))
        #expect(
            message.hasPrefix(
                "http://a:1 gives generated tokens other log-probabilities than the same tokens in a given text, on average by "
            ))
        // They do not matter if the stage only generates.
        _ = try await finding(.init(temperature: 2), scores: false)
    }

    @Test("llama-server is refused for scores")
    func llama() async {
        #expect(
            await failure(.init(), kind: .llamaServer)
                == "llama-server does not compute log-probabilities of given texts: use vllm, or the engine of Vireo with `backend: null`"
        )
    }
}
