import Reasoning

extension Question {
    /// The verifier named by the task.
    var verifier: Verifier {
        get throws {
            guard let verifier = Verifier(rawValue: task) else {
                throw VerificationError.unsupportedTask(task)
            }
            return verifier
        }
    }

    /// The verification request for a response; `nil` if it was truncated.
    func verification(of response: String?) -> VerificationRequest {
        VerificationRequest(response: response, gold: answer, question: text)
    }

    /// Whether an answer is correct, and if not, the reason.
    func verdict(
        on answer: String?, by verifier: Verifier, _ options: BoxedOptions = .init()
    ) throws -> Verdict {
        do {
            return try verifier.verdict(on: verification(of: answer), options: options)
        } catch {
            // `question` is never missing here.
            throw StageError.missingAnswer(question: id)
        }
    }
}
