import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ChainTests {
    @Test("A chain is worked out from left to right and written with parentheses")
    func writing() throws {
        let chain = try #require(Chain(numbers: [4, 8, 7, 2], operators: [.times, .plus, .minus]))
        #expect(chain.results == [32, 39, 37])
        #expect(chain.expression == "( ( 4 * 8 ) + 7 ) - 2")
        #expect(
            chain.trialWords(target: 37).joined(separator: " ")
                == "4 * 8 = 32 + 7 = 39 - 2 = 37 : 37 ok")
        #expect(chain.trialWords(target: 3).last == "x")
    }

    @Test("Chains whose results leave 0 to 99 do not exist")
    func range() {
        #expect(Chain(numbers: [4, 8], operators: [.minus]) == nil)
        #expect(Chain(numbers: [99, 1], operators: [.plus]) == nil)
        #expect(Chain(numbers: [100], operators: []) == nil)
    }

    @Test("An expression in the task's spelling is read back as its chain")
    func reading() throws {
        var random = RandomSource(seed: 3)
        for _ in 0..<200 {
            let numbers = (0..<(2 + random.integer(below: 3))).map { _ in random.integer(below: 10)
            }
            let chain = Chain.random(over: numbers, using: &random)
            #expect(Chain(expression: chain.expression) == chain)
        }
    }

    @Test(
        "Other spellings are no chains",
        arguments: ["", "( 4 * 8 + 7", "4 * ( 8 + 7 )", "4*8", "4 *", "a + b", "( 4 * 8 ) + 7 )"])
    func otherSpellings(_ text: String) {
        #expect(Chain(expression: text) == nil)
    }
}
