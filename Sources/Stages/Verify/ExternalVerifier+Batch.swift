import JSON
import Reasoning

extension ExternalVerifier {
    /// Requests and their results.
    struct Batch {
        private let requests: [VerificationRequest]
        private let firstID: Int
        private var results: [Verdict?]
        /// The number of missing results.
        private var missing: Int

        /// The next request that was not sent yet.
        private var next = 0
        /// The pending requests, oldest first.
        private var asked: [Int] = []
        /// Requests that were pending when the program failed; they are sent again one at a time.
        private var suspects: [Int] = []
        /// How often the program failed on a request that was sent alone.
        private var failures: [Int: Int] = [:]

        /// A problem with an answer, worded to follow `in which`.
        struct Problem: Error { let text: String }

        private struct Request: Encodable {
            let id: Int
            let response: String?
            let gold: String?
            let question: String?
        }

        private struct Identifier: Decodable { let id: Int }

        private struct Answer: Decodable {
            /// `nil` if the program cannot judge the answer.
            let correct: Bool?
            let extracted: String?
            let reason: String?

            private enum CodingKeys: CodingKey { case correct, extracted, reason }

            /// The field `correct` is required but may be null.
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

        /// Truncated responses are judged at once. The requests have consecutive ids from `firstID`.
        init(requests: [VerificationRequest], firstID: Int) {
            self.requests = requests
            self.firstID = firstID
            results = requests.map { $0.response == nil ? .noAnswer : nil }
            missing = results.count { $0 == nil }
        }

        var isDone: Bool { missing == 0 }

        /// The verdicts of a completed batch.
        var verdicts: [Verdict] { results.compactMap { $0 } }

        /// The lines to send now, so that at most `window` requests are pending.
        mutating func due(window: Int) -> [String] {
            guard suspects.isEmpty else {
                return asked.isEmpty ? [line(suspects.removeFirst())] : []
            }
            var lines: [String] = []
            // Requests that are repeated after a failure are sent alone.
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

        /// Processes a line of the program; returns `false` if it belongs to the log. Throws `Problem`.
        mutating func take(_ line: String) throws -> Bool {
            var decoder = JSONRecordDecoder(values: .max)
            let id: Int
            do {
                id = try decoder.decode(Identifier.self, from: line).id
            } catch { return false }
            guard let place = asked.firstIndex(where: { firstID + $0 == id }) else {
                throw Problem(text: "`id` is not that of a pending request")
            }
            let answer: Answer
            do {
                answer = try decoder.decode(Answer.self, from: line)
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

        /// Records a failure of the program on the pending requests. If several are pending, the cause is
        /// unknown and they are retried one at a time. A single one is not judged after `tries` failures.
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
