import LanguageModel
import Reasoning
import Study

/// Computes the gradients of questions at the weights of a model, with the buffers of a trainer that takes no
/// steps.
struct GradientMeter {
    private let model: LoadedModel
    private let methods: [UpdateMethod]
    private let variational: VariationalExamples?
    private let trainer: Trainer

    /// The number of tokens whose gradients were computed.
    private var tokens = 0

    init(
        _ model: LoadedModel, _ methods: [UpdateMethod], _ variational: VariationalExamples?,
        threads: Int
    ) throws {
        self.model = model
        self.methods = methods
        self.variational = variational
        trainer = try Trainer(model.transformer, threads: threads)
    }

    /// The gradients of the questions of one bin. `willMeasure` is called with the index of each question
    /// before it is measured, and may throw.
    mutating func gradients(
        of groups: ArraySlice<RolloutGroup>, willMeasure: (Int) throws -> Void
    ) throws -> BinGradients {
        let sums = methods.map { _ in FloatBuffer(count: trainer.gradient.count) }
        tokens = 0
        let questions = try groups.indices.map { index in
            try willMeasure(index)
            return try gradients(of: groups[index], addingTo: sums)
        }
        return BinGradients(
            questions: questions, norms: sums.map { $0.dot($0).squareRoot() }, tokens: tokens)
    }

    /// Adds the update of each method on the question to the buffer of the method: on one group of rollouts, as
    /// in a training step. All gradients have the sign of a loss, which does not affect products and norms.
    private mutating func gradients(
        of group: RolloutGroup, addingTo sums: [FloatBuffer]
    ) throws -> QuestionGradients {
        let right = group.rollouts.filter(\.correct)
        // Both halves have one if there are two.
        let halves = [0, 1].map { right.alternate(from: $0) }
        let means = try halves.map { try meanScore(of: $0, group.question) }
        var gradients = QuestionGradients(
            question: group.question.id, rollouts: group.rollouts.count, correct: right.count,
            others: group.others.map { .init(correct: $0.correct, product: nil) },
            isCandidate: false)
        var correct: FloatBuffer?
        if let first = means[0], let second = means[1] {
            gradients.square = first.dot(second)
            let mean = FloatBuffer(count: first.count)
            for (part, half) in zip([first, second], halves) {
                mean.add(part, times: Double(half.count) / Double(right.count))
            }
            correct = mean
        }
        let coefficients = methods.map { Self.coefficients($0, gradients) }
        for (index, rollout) in group.others.enumerated() {
            let updated = methods.indices.filter { coefficients[$0][index] ?? 0 != 0 }
            guard correct != nil || !updated.isEmpty,
                let score = try meanScore(of: [rollout], group.question)
            else { continue }
            gradients.others[index].product = correct.map { $0.dot(score) }
            for method in updated {
                sums[method].add(score, times: coefficients[method][index] ?? 0)
            }
        }
        if let update = try variationalUpdate(group.question) {
            gradients.isCandidate = true
            gradients.variational = correct.map { $0.dot(update) }
            for (sum, method) in zip(sums, methods) {
                if case .variational = method { sum.add(update, times: 1) }
            }
        }
        return gradients
    }

    /// The factors of the scores of rollouts, by index among the others, in the update of a method on its first
    /// group.
    private static func coefficients(
        _ method: UpdateMethod, _ question: QuestionGradients
    ) -> [Int: Double] {
        guard case .rollouts(let weight, let size) = method else { return [:] }
        for group in question.groups(of: size) {
            guard let factors = weight.factors(group.map(\.correct)) else { continue }
            return Dictionary(
                uniqueKeysWithValues: zip(group.indices, factors.map { $0 / Double(size) }))
        }
        return [:]
    }

    /// `nil` without rollouts.
    private mutating func meanScore(of rollouts: [Rollout], _ question: Question) throws
        -> FloatBuffer?
    {
        guard !rollouts.isEmpty else { return nil }
        let prompt = try model.prompt(question)
        let weight = 1 / Float(rollouts.count)
        return try gradient(
            rollouts.map {
                TrainingSequence(
                    tokens: prompt + (try tokens(of: $0)), from: prompt.count, weight: weight)
            }, of: question)
    }

    /// `nil` if the question has no examples.
    private mutating func variationalUpdate(_ question: Question) throws -> FloatBuffer? {
        guard let members = variational?.members[question.id] else { return nil }
        let prompt = try model.prompt(question)
        return try gradient(
            members.map {
                let answer = try model.tokenizer.encode(model.format.answerTarget($0.answer))
                return TrainingSequence(
                    tokens: prompt + $0.trace.ids + answer, from: prompt.count,
                    weight: Float($0.weight))
            }, of: question)
    }

    private mutating func gradient(
        _ sequences: [TrainingSequence], of question: Question
    ) throws -> FloatBuffer {
        let loss = try trainer.accumulate(sequences)
        tokens += sequences.reduce(0) { $0 + $1.tokens.count }
        let gradient = FloatBuffer(copying: trainer.gradient)
        guard loss.isFinite, gradient.dot(gradient).isFinite else {
            throw GradientError.infiniteGradient(question: question.id)
        }
        return gradient
    }

    /// The tokens of the rollout. If the answer has no end, the tokens after the trace were not recorded and
    /// are left out.
    private func tokens(of rollout: Rollout) throws -> [Int32] {
        let trace = rollout.trace ?? ""
        if let answer = rollout.answer {
            return try [model.format.traceTarget(trace), model.format.answerTarget(answer)]
                .flatMap { try model.tokenizer.encode($0) }
        }
        let unended = try model.tokenizer.encode(trace)
        return unended.count < rollout.tokens
            ? try model.tokenizer.encode(model.format.traceTarget(trace)) : unended
    }
}

extension FloatBuffer {
    /// Adds `factor` times the floats of a buffer of the same size.
    func add(_ other: FloatBuffer, times factor: Double) {
        precondition(count == other.count, "two gradients differ in size")
        let (target, source, factor) = (pointer, other.pointer, Float(factor))
        for index in 0..<count { target[index] += factor * source[index] }
    }

    /// The dot product with a buffer of the same size.
    func dot(_ other: FloatBuffer) -> Double {
        precondition(count == other.count, "two gradients differ in size")
        var sum = 0.0
        for index in 0..<count { sum += Double(pointer[index]) * Double(other.pointer[index]) }
        return sum
    }
}
