import Foundation
import Reasoning

extension ExternalVerifier {
    /// Requests, and what came of them.
    struct Batch {
        private let requests: [VerificationRequest]
        private let firstID: Int
        private var results: [Verdict?]
        /// How many results are missing.
        private var missing: Int

        /// The next request that was never on its way.
        private var next = 0
        /// On their way, oldest first.
        private var asked: [Int] = []
        /// Not answered by a program that failed: to be asked one by one.
        private var suspects: [Int] = []
        /// How often the program failed at a request alone.
        private var failures: [Int: Int] = [:]

        /// What is wrong with an answer, in words that go on from `in which`.
        struct Problem: Error { let text: String }

        private struct Request: Encodable {
            let id: Int
            let response: String?
            let gold: String?
            let question: String?
        }

        private struct Identifier: Decodable { let id: Int }

        private struct Answer: Decodable {
            /// nil where the program cannot tell.
            let correct: Bool?
            let extracted: String?
            let reason: String?

            private enum CodingKeys: CodingKey { case correct, extracted, reason }

            /// The field `correct` must be there, be it null.
            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                correct = try fields.decode(Bool?.self, forKey: .correct)
                extracted = try fields.decodeIfPresent(String.self, forKey: .extracted)
                reason = try fields.decodeIfPresent(String.self, forKey: .reason)
            }

            var verdict: Verdict {
                guard let correct else {
                    return .unjudged(
                        reason ?? "the verifier does not say why", extracted: extracted)
                }
                return Verdict(
                    isCorrect: correct, reason: correct ? nil : reason ?? "not correct",
                    extracted: extracted)
            }
        }

        /// What was cut off is judged at once. The requests have the ids from `firstID` on.
        init(requests: [VerificationRequest], firstID: Int) {
            self.requests = requests
            self.firstID = firstID
            results = requests.map { $0.response == nil ? .noAnswer : nil }
            missing = results.count { $0 == nil }
        }

        var isDone: Bool { missing == 0 }

        /// Of a batch that is done.
        var verdicts: [Verdict] { results.compactMap { $0 } }

        /// The lines to send now, so that no more than `window` requests are on their way.
        mutating func due(window: Int) -> [String] {
            guard suspects.isEmpty else {
                return asked.isEmpty ? [line(suspects.removeFirst())] : []
            }
            var lines: [String] = []
            // One that is asked again after a failure stays alone.
            while asked.count < window, failures.isEmpty || asked.isEmpty, next < requests.count {
                if results[next] == nil { lines.append(line(next)) }
                next += 1
            }
            return lines
        }

        private mutating func line(_ index: Int) -> String {
            asked.append(index)
            let request = requests[index]
            return JSONLines.text(
                of: Request(
                    id: firstID + index, response: request.response, gold: request.gold,
                    question: request.question))
        }

        /// Takes a line of the program; `false` if it is no answer but one for the log. Throws `Problem`.
        mutating func take(_ line: String) throws -> Bool {
            let data = Data(line.utf8)
            let id: Int
            do {
                id = try JSONDecoder().decode(Identifier.self, from: data).id
            } catch { return false }
            guard let place = asked.firstIndex(where: { firstID + $0 == id }) else {
                throw Problem(text: "`id` is none of a request that waits for an answer")
            }
            let answer: Answer
            do {
                answer = try JSONDecoder().decode(Answer.self, from: data)
            } catch {
                throw Problem(
                    text:
                        "`correct` must be true, false or null, `extracted` and `reason` texts or null"
                )
            }
            settle(asked.remove(at: place), answer.verdict)
            return true
        }

        private mutating func settle(_ index: Int, _ verdict: Verdict) {
            failures[index] = nil
            results[index] = verdict
            missing -= 1
        }

        /// Notes that the program failed at what is on its way. Of several it is not known which one is to
        /// blame; one alone is not judged after so many `tries`.
        mutating func fail(_ reason: String, tries: Int) {
            guard asked.count == 1, let index = asked.first else {
                suspects = asked + suspects
                asked = []
                return
            }
            asked = []
            failures[index, default: 0] += 1
            if failures[index, default: 0] < tries {
                suspects.insert(index, at: 0)
            } else {
                settle(index, .unjudged(reason))
            }
        }
    }
}
