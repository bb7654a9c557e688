import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DocumentTests {
    private static let all = Result { try (0..<1500).map { try document($0, seed: 6) } }

    private static func document(_ index: Int, seed: Int) throws -> String {
        try Countdown.document(index, seed: seed, mixture: Countdown.standardMixture)
    }

    @Test("Documents have 48 words of the vocabulary and never end a trace")
    func words() throws {
        let vocabulary = Set(Countdown.vocabulary)
        for document in try Self.all.get() {
            let words = Countdown.words(of: document)
            #expect(words.count == Countdown.documentLength)
            #expect(words.allSatisfy(vocabulary.contains))
            #expect(!words.contains(WordFormat.traceEnd) && !words.contains(WordFormat.answerEnd))
        }
    }

    @Test("Kinds have the shares of the mixture")
    func shares() throws {
        let documents = try Self.all.get()
        let count = Double(documents.count)
        let hinted = documents.filter { $0.contains("<hint>") }
        let search = documents.filter { $0.hasPrefix("<q>") && !$0.contains("<hint>") }
        let rewriting = documents.filter { $0.hasPrefix("?") }
        let fromChains = rewriting.filter { Countdown.words(of: $0)[4] == "=" }
        #expect(abs(Double(hinted.count) / count - 0.4) < 0.04)
        #expect(abs(Double(search.count) / count - 0.3) < 0.04)
        #expect(abs(Double(rewriting.count) / count - 0.3) < 0.04)
        #expect(abs(Double(fromChains.count) / Double(rewriting.count) - 0.5) < 0.1)
    }

    @Test("Every finished trial is true, says its target and has the right verdict")
    func truth() throws {
        for document in try Self.all.get() where document.hasPrefix("<q>") {
            let words = Countdown.words(of: document)
            let start = try #require(words.firstIndex(of: WordFormat.traceStart))
            let colon = try #require(words.firstIndex(of: ":"))
            let puzzle = try Puzzle(text: words[1...(colon + 1)].joined(separator: " "))
            let reading = TraceReading(words[(start + 1)...].joined(separator: " "), of: puzzle)
            #expect(!reading.trials.isEmpty)
            #expect(
                reading.trials.allSatisfy {
                    $0.isTrue && $0.statedTarget == puzzle.target
                        && $0.reachesTarget == $0.claimsRight
                })
        }
    }

    @Test("Half of the trials under a hint follow it, or a little more by chance")
    func following() throws {
        var followed = 0
        var hinted = 0
        for document in try Self.all.get() where document.contains("<hint>") {
            let words = Countdown.words(of: document)
            let hint = try #require(words.firstIndex(of: "<hint>"))
            let start = try #require(words.firstIndex(of: "<think>"))
            let chain = try #require(
                Chain(expression: words[(hint + 1)..<start].joined(separator: " ")))
            let trial = chain.trialWords(target: chain.value)
            hinted += 1
            if Array(words[(start + 1)...].prefix(trial.count)) == trial { followed += 1 }
        }
        #expect((0.45...0.62).contains(Double(followed) / Double(hinted)))
    }

    @Test("A document depends on its seed and its index alone")
    func determinism() throws {
        let documents = try Self.all.get()
        #expect(try Self.document(2, seed: 6) == documents[2])
        #expect(try Self.document(2, seed: 7) != documents[2])
        #expect(
            documents[0]
                == "? ( 9 - 5 ) * 3 ; 9 - 5 = 4 * 3 = 12 : 12 ok ( 7 - 1 ) + 1 ; 7 - 1 = 6 + 1 = 7 : 7 ok "
                + "( ( 7 - 4 ) -")
    }

    @Test("Invalid shares of a mixture are refused")
    func invalidMixture() {
        let error = #expect(throws: ReasoningError.self) { try Countdown.Mixture([1, 1, 0, 0]) }
        #expect(
            error?.description
                == "the shares of the mixture are [1.0, 1.0, 0.0, 0.0]: give non-negative numbers that sum to 1"
        )
    }
}
