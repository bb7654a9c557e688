import Files
import Foundation
import Glibc
import JSON

/// The answers of a part of a stage, as lines of a file, so that a later attempt asks only for those that are missing.
/// An actor, because answers arrive concurrently.
actor AnswerJournal {
    private let path: String
    private let file: Descriptor
    private let found: [String: Entry]

    /// An answer; `key` is the digest of the request.
    struct Entry: Codable {
        let key: String
        /// The new tokens of a continuation.
        var tokens: [Int32]?
        var logProbabilities: [Float]
        var isStopped: Bool?

        private enum CodingKeys: String, CodingKey {
            case key, tokens
            case logProbabilities = "log_probs"
            case isStopped = "stopped"
        }
    }

    /// Opens the file and keeps only the answers to `requests`; the others are part of finished parts. Throws
    /// `InferenceError` if it cannot be written.
    init(_ path: String, keeping requests: [ServerRequest]) throws {
        self.path = path
        let wanted = Set(requests.map(Self.key))
        found = Self.entries(path, wanted)
        try Self.save(found.values, to: path)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw InferenceError.unwritableJournal(path, reason: String(cString: strerror(errno)))
        }
        file = Descriptor(descriptor)
    }

    private static func save(_ entries: some Collection<Entry>, to path: String) throws {
        var lines: [UInt8] = []
        for entry in entries { lines += line(entry) }
        do {
            let file = try DurableFile(path)
            try lines.withUnsafeBytes { try file.append($0) }
            try file.finish()
        } catch let error as POSIXError {
            throw InferenceError.unwritableJournal(path, reason: error.reason)
        }
    }

    /// The answer to a request from an earlier attempt.
    nonisolated func entry(for request: ServerRequest) -> Entry? { found[Self.key(request)] }

    /// The number of answers from earlier attempts.
    nonisolated var count: Int { found.count }

    func append(_ entry: Entry) throws(InferenceError) {
        var rest = Self.line(entry)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            guard count > 0 || (count < 0 && errno == EINTR) else {
                throw .unwritableJournal(path, reason: String(cString: strerror(errno)))
            }
            rest = rest.dropFirst(max(0, count))
        }
    }

    static func key(_ request: ServerRequest) -> String {
        Digest(of: request.path + " " + (request.body ?? "")).hex
    }

    private static func line(_ entry: Entry) -> [UInt8] { JSONLine.encode(entry) + [10] }

    /// The entries of a file up to its first invalid line, which was being written when the attempt ended.
    private static func entries(_ path: String, _ wanted: Set<String>) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        do {
            var lines = try LineReader<Unreadable>(path)
            while let line = try lines.next() {
                guard let entry = JSONLine.decode(Entry.self, line) else { break }
                if wanted.contains(entry.key) { entries[entry.key] = entry }
            }
        } catch {
            // Without a file, or after a damaged line, the other answers are asked for again.
        }
        return entries
    }

    private struct Unreadable: LineFailure {
        init(unreadable path: String, code: Int32) {}
        init(_ problem: LineProblem, line: Int, of path: String) {}
    }
}
