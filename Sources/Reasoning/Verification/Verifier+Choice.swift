extension Verifier {
    /// `question` says how many options there are, if it shows them.
    static func choice(_ response: String, _ gold: String, question: String?) -> Verdict {
        let gold = AnswerText.bytes(of: gold)[...]
        guard let wanted = ChoiceAnswer.letter(gold) else {
            return .unjudged("the reference answer '\(gold.shown)' is not a letter")
        }
        let options = question.flatMap(MultipleChoice.options) ?? "A"..."Z"
        switch ChoiceAnswer(response: AnswerText.bytes(of: response)[...], options: options) {
        case .letter(let given):
            return .judged(given == wanted, String(given), String(wanted))
        case .unfinished: return .wrong("the last \\boxed has no end")
        case .notALetter(let content): return .wrong("'\(content.shown)' is not one letter")
        case .none: return .wrong("no letter is given as the answer")
        }
    }
}
