import Reasoning

extension Question {
    /// The verifier that the task names.
    var verifier: Verifier {
        get throws {
            guard let verifier = Verifier(rawValue: task) else {
                throw StageError.unsupportedTask(task)
            }
            return verifier
        }
    }

    /// What a verifier is asked about a response; `nil` is one that was cut off.
    func verification(of response: String?) -> VerificationRequest {
        VerificationRequest(response: response, gold: answer, question: text)
    }

    /// Whether an answer is correct, and why not.
    func verdict(
        on answer: String?, by verifier: Verifier, _ options: BoxedOptions = .init()
    ) throws -> Verdict {
        do {
            return try verifier.verdict(on: verification(of: answer), options: options)
        } catch {
            // The text is always there.
            throw StageError.missingAnswer(question: id)
        }
    }
}
