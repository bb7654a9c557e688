import Reasoning
import VariationalInference

/// Rows of claims that are computed from some inputs.
struct ClaimTest: Sendable {
    /// The claims that have no such rows without the inputs.
    let ids: [ClaimID]

    /// Identifies the rows if other rows of the claim may exist.
    let part: String?
    let inputs: [ClaimInput]

    /// Further inputs, without which some rows are missing.
    let optionalInputs: [ClaimInput]

    /// Whether the inputs have one artifact each per replicate, which are paired by position.
    let isPaired: Bool

    /// Adds the rows to a sheet, from the records of the inputs by position, required ones first.
    let add: @Sendable (inout ClaimSheet, Records) throws -> Void

    private init(
        _ ids: ClaimID..., on part: String? = nil, from inputs: [ClaimInput],
        optional: [ClaimInput] = [], isPaired: Bool = false,
        _ add: @escaping @Sendable (inout ClaimSheet, Records) throws -> Void
    ) {
        self.ids = ids
        self.part = part.map { "on " + $0 }
        self.inputs = inputs
        optionalInputs = optional
        self.isPaired = isPaired
        self.add = add
    }

    /// The records of the inputs of a test: for each, an array per artifact, which is read when it is used.
    struct Records {
        let directories: [[String]]

        /// The levels of questions, by id.
        let levels: [String: Int]

        subscript<Record: ArtifactRecord & Decodable>(input: Int) -> [[Record]] {
            get throws {
                try directories[input].map { try JSONLines.read(Record.self, in: $0) }
            }
        }
    }

    /// The tests in the order in which they are done.
    static let all = [
        ClaimTest(.t1, on: "trained models", from: [.bounds], optional: [.evidence]) {
            try $0.addBounds($1[0], evidence: $1[1])
        },
        ClaimTest(.t3, .t4, from: [.gradients]) {
            $0.addGradients(try $1[0])
        },
        ClaimTest(.t6, from: [.forward, .reverse]) {
            try $0.addPosteriors(forward: $1[0], reverse: $1[1])
        },
        ClaimTest(.t6, on: "variety", from: [.forwardTraces, .reverseTraces]) {
            try $0.addVariety(forward: $1[0], reverse: $1[1])
        },
        ClaimTest(.t11, from: [.exactWeights]) {
            $0.addRatio(.exact, try $1[0])
        },
        ClaimTest(.t11, from: [.meanWeights]) {
            $0.addRatio(.geometricMean, try $1[0])
        },
        ClaimTest(.t14, from: [.priorRollouts, .priorWeights, .weights], isPaired: true) {
            try $0.addUnsolved($1[0], prior: $1[1], $1[2], levels: $1.levels)
        },
        ClaimTest(
            .t15, on: "copies", from: [.copiedAnswers, .repeatedAnswers, .weights], isPaired: true
        ) {
            try $0.addCopies($1[0], repeated: $1[1], $1[2])
        },
    ]
}
