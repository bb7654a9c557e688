import LanguageModel
import Reasoning

/// Takes the gradients of questions at the weights of a model, with the buffers of a trainer that never steps.
struct GradientMeter {
    private let model: LoadedModel
    private let methods: [UpdateMethod]
    private let variational: VariationalExamples?
    private let trainer: Trainer

    init(
        _ model: LoadedModel, _ methods: [UpdateMethod], _ variational: VariationalExamples?,
        threads: Int
    ) {
        self.model = model
        self.methods = methods
        self.variational = variational
        trainer = Trainer(model.transformer, threads: threads)
    }

    /// Of questions of one bin. `willMeasure` is called with the index of each before it, and may throw.
    func gradients(
        of groups: ArraySlice<RolloutGroup>, willMeasure: (Int) throws -> Void
    ) throws -> BinGradients {
        let sums = methods.map { _ in FloatBuffer(count: trainer.gradient.count) }
        let questions = try groups.indices.map { index in
            try willMeasure(index)
            return try gradients(of: groups[index], addingTo: sums)
        }
        return BinGradients(questions: questions, norms: sums.map { $0.dot($0).squareRoot() })
    }

    /// Adds each method's expected update on the question to the buffer in its place. Everything has the sign of
    /// a loss, which products and norms do not show.
    private func gradients(
        of group: RolloutGroup, addingTo sums: [FloatBuffer]
    ) throws -> QuestionGradients {
        let right = group.rollouts.filter(\.correct)
        // Either half has one where there are two.
        let halves = [0, 1].map { right.alternate(from: $0) }
        let means = try halves.map { try meanScore(of: $0, group.question) }
        let correct = FloatBuffer(count: trainer.gradient.count)
        for (mean, half) in zip(means, halves) {
            guard let mean else { continue }
            correct.add(mean, times: Double(half.count) / Double(right.count))
        }
        let wrong = try meanScore(of: group.rollouts.filter { !$0.correct }, group.question)
        let update = try variationalUpdate(group.question)
        for (sum, method) in zip(sums, methods) {
            switch method {
            case .rollouts(let weight, let size):
                let factors = weight.factors(group.accuracy, group: size)
                if factors.correct != 0 { sum.add(correct, times: factors.correct) }
                if let wrong, factors.wrong != 0 { sum.add(wrong, times: factors.wrong) }
            case .variational: if let update { sum.add(update, times: 1) }
            }
        }
        var gradients = QuestionGradients(
            question: group.question.id, rollouts: group.rollouts.count, correct: right.count,
            isCandidate: update != nil)
        if let first = means[0], let second = means[1], wrong != nil,
            let rest = try meanScore(of: group.others, group.question)
        {
            gradients.square = first.dot(second)
            gradients.rest = rest.dot(correct)
            gradients.variational = update?.dot(correct)
        }
        return gradients
    }

    /// `nil` for no rollouts.
    private func meanScore(of rollouts: [Rollout], _ question: Question) throws -> FloatBuffer? {
        guard !rollouts.isEmpty else { return nil }
        let prompt = try model.prompt(question)
        let weight = 1 / Float(rollouts.count)
        return try gradient(
            rollouts.map {
                TrainingSequence(
                    tokens: prompt + (try tokens(of: $0)), from: prompt.count, weight: weight)
            }, of: question)
    }

    /// `nil` for a question without examples.
    private func variationalUpdate(_ question: Question) throws -> FloatBuffer? {
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

    private func gradient(
        _ sequences: [TrainingSequence], of question: Question
    ) throws -> FloatBuffer {
        let loss = try trainer.accumulate(sequences)
        let gradient = FloatBuffer(copying: trainer.gradient)
        guard loss.isFinite, gradient.dot(gradient).isFinite else {
            throw StageError.infiniteGradient(question: question.id)
        }
        return gradient
    }

    /// What the rollout wrote. Of one whose answer never ended the tokens after the trace are not recorded, and are
    /// left out.
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
