import Foundation

/// `vireo-http`: sends the HTTP requests that arrive as lines of JSON on standard input, all at once, and writes a line
/// for each answer. It ends, with all open requests, at the end of its input.
@main
enum VireoHTTP {
    static func main() async throws {
        let client = Client()
        let output = Output()
        await withDiscardingTaskGroup { group in
            for await line in lines() {
                let request = request(line)
                group.addTask { await output.write(await client.answer(to: request)) }
            }
            group.cancelAll()
        }
        try await client.shutdown()
    }

    /// Ends the program if the line is not a request, because its sender would wait for an answer.
    private static func request(_ line: String) -> Request {
        do {
            return try JSONDecoder().decode(Request.self, from: Data(line.utf8))
        } catch {
            FileHandle.standardError.write(Data("vireo-http: not a request: \(error)\n".utf8))
            exit(64)
        }
    }

    /// The lines of standard input, read by a thread of its own.
    private static func lines() -> AsyncStream<String> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                while let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
    }
}

/// Writes answers to standard output, one at a time.
private actor Output {
    func write(_ answer: Answer) {
        do {
            let line = try JSONEncoder().encode(answer) + [10]
            try FileHandle.standardOutput.write(contentsOf: line)
        } catch {
            // The reader has gone, or the disk is full: nobody waits for answers.
            exit(1)
        }
    }
}
