import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModularDocumentTests {
    private static let documents = Result {
        try (0..<1500).map {
            try Modular.document($0, seed: 6, mixture: Modular.standardMixture)
                .split(separator: " ").map(String.init)
        }
    }

    @Test("Documents have 64 words of the vocabulary, no end of a trace and no answer")
    func words() throws {
        let vocabulary = Set(Modular.vocabulary)
        for words in try Self.documents.get() {
            #expect(words.count == 64)
            #expect(words.allSatisfy(vocabulary.contains))
            #expect(!words.contains("<eos>") && !words.contains("</think>"))
        }
    }

    @Test("Kinds have the shares of the mixture")
    func shares() throws {
        let documents = try Self.documents.get()
        let hinted = documents.count { $0.contains("<hint>") }
        let search = documents.count { $0[0] == "<q>" && !$0.contains("<hint>") }
        let rewriting = documents.count { $0[0] == "?" }
        for (count, share) in [(hinted, 0.45), (search, 0.25), (rewriting, 0.3)] {
            #expect(abs(Double(count) / 1500 - share) < 0.04)
        }
    }

    @Test("Every calculation is true, and every verdict right")
    func truth() throws {
        for words in try Self.documents.get() {
            #expect(ModularArithmetic.isTrue(words))
            for place in words.indices where ["ok", "x"].contains(words[place]) {
                #expect((words[place] == "ok") == (words[place - 3] == words[place - 1]))
                #expect(words[place - 2] == ":")
            }
        }
    }

    @Test("Every trial of a search takes steps of its question and says its target")
    func search() throws {
        for words in try Self.documents.get() where words[0] == "<q>" {
            let colon = try #require(words.firstIndex(of: ":"))
            let think = try #require(words.firstIndex(of: "<think>"))
            let puzzle = try ModularPuzzle(text: words[1...(colon + 1)].joined(separator: " "))
            let reading = ModularReading(words[(think + 1)...].joined(separator: " "), of: puzzle)
            let chains = Set(puzzle.chains())
            #expect(!reading.trials.isEmpty)
            for trial in reading.trials {
                #expect(chains.contains(try #require(trial.chain)))
                #expect(trial.isTrue && trial.statedTarget == puzzle.target)
                #expect(trial.reachesTarget == trial.claimsRight)
            }
        }
    }

    @Test("Rewritings repeat the steps of the last trial regardless of its verdict")
    func rewriting() throws {
        var verdicts: Set<String> = []
        for words in try Self.documents.get() where words[0] == "?" {
            let lines = words.dropFirst().split { $0 == ";" }.map(Array.init)
            for question in stride(from: 0, to: lines.count - 2, by: 3) {
                let trials = lines[question + 1]
                verdicts.insert(try #require(trials.last))
                // The last list may be cut.
                guard question + 3 < lines.count else { continue }
                let last = trials.dropLast().split { ["ok", "x"].contains($0) }.last ?? []
                #expect(lines[question + 2] == last.filter { ModularStep($0) != nil })
            }
        }
        #expect(verdicts == ["ok", "x"])
    }

    @Test("Half of the first trials under a hint follow it, or a little more by chance")
    func following() throws {
        let hinted = try Self.documents.get().filter { $0.contains("<hint>") }
        let followed = try hinted.count { words in
            let hint = try #require(words.firstIndex(of: "<hint>"))
            let think = try #require(words.firstIndex(of: "<think>"))
            let steps = words[(think + 1)...].prefix { $0 != ":" }.filter { ModularStep($0) != nil }
            return steps == Array(words[(hint + 1)..<think])
        }
        // Of the other half a third, a seventh, a 31st and a 127th do by chance.
        #expect(abs(Double(followed) / Double(hinted.count) - 0.57) < 0.07)
    }

    @Test("A document depends on its seed, its index and the mixture alone")
    func determinism() throws {
        let first = try Modular.document(2, seed: 6, mixture: Modular.standardMixture)
        #expect(try first == Self.documents.get()[2].joined(separator: " "))
        #expect(try Modular.document(2, seed: 7, mixture: Modular.standardMixture) != first)
    }

    @Test(
        "Invalid shares of a mixture are refused",
        arguments: [[1, 1, 0], [0.5, 0.5], [1.5, -0.5, 0]])
    func invalidMixture(_ mixture: [Double]) {
        let error = #expect(throws: ReasoningError.self) {
            try Modular.document(0, seed: 0, mixture: mixture)
        }
        #expect(
            error?.description
                == "the shares of the mixture are \(mixture): give non-negative numbers that sum to 1"
        )
    }
}
