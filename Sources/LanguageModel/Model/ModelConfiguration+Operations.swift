extension ModelConfiguration {
    /// The weights that every token is multiplied with: the matrices of the blocks and the output head,
    /// which counts once if it is the embedding. Looking an embedding up is no product.
    public var matrixWeights: Int {
        let block = hiddenSize * (2 * queryWidth + 2 * keyWidth) + 3 * hiddenSize * intermediateSize
        return layers * block + vocabularySize * hiddenSize
    }

    /// The useful floating-point operations of one token that attends to `tokens` tokens on average: two for
    /// each matrix weight, and four for each number of the queries, layer and token attended to. In a causal
    /// pass over T tokens that average is T / 2; training takes three times as much as a pass.
    public func operations(attendingTo tokens: Double, withHead: Bool = true) -> Double {
        let weights = matrixWeights - (withHead ? 0 : vocabularySize * hiddenSize)
        return 2 * Double(weights) + 4 * Double(layers * queryWidth) * tokens
    }
}
