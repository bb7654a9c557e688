import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MemoryCheckTests {
    private func configuration(hidden: Int, layers: Int) -> ModelConfiguration {
        ModelConfiguration(
            vocabularySize: 29, hiddenSize: hidden, intermediateSize: hidden, layers: layers,
            heads: 2, keyValueHeads: 1, headSize: 8, contextLength: 32)
    }

    @Test("A model that no memory holds is refused before anything is allocated")
    func weights() throws {
        // Over 128 TiB, which is all that addresses reach.
        let shape = configuration(hidden: 1 << 17, layers: 1 << 12)
        let bytes = 4 * (ParameterLayout(shape).count + 2 * 32 * 4)
        #expect {
            _ = try Transformer(shape)
        } throws: { error in
            "\(error)"
                == "cannot allocate \((Double(bytes) / 1e8).rounded() / 10) GB of memory for the model's weights: the machine has less, or the process has a lower limit; use a smaller model or shorter sequences"
        }
    }

    @Test("A size whose number of parameters no machine can count is refused by its name")
    func limits() throws {
        #expect {
            _ = try Transformer(configuration(hidden: (1 << 20) + 2, layers: 1))
        } throws: { error in
            "\(error)"
                == "the model cannot have this shape: `hidden_size`: 1048578 is over the limit of 1048576"
        }
    }
}
