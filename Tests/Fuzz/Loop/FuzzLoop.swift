import Foundation
import FuzzSubjects

/// Examines changed examples until a time is over. A process of its own does it, and writes down the number
/// of each input before it examines it: whatever ends the process is found and can be repeated.
struct FuzzLoop {
    let subject: Subject
    let seconds: Double
    let seed: UInt64

    /// Starts processes until the time is over; returns 1 if any of them ended before. Inputs that did it are
    /// written to the current directory.
    func run() throws -> Int32 {
        let record = FileManager.default.temporaryDirectory
            .appendingPathComponent("vireo-fuzz-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: record) }
        let end = Date().addingTimeInterval(seconds)
        var (start, findings) = (0, 0)
        while end > Date(), findings < 20 {
            try Data("\(start)".utf8).write(to: URL(fileURLWithPath: record))
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            child.arguments = [
                "child", subject.rawValue, "\(end.timeIntervalSinceNow)", "\(seed)", "\(start)",
                record,
            ]
            child.environment = ["SWIFT_BACKTRACE": "enable=no"]
            try child.run()
            child.waitUntilExit()
            let text = try String(contentsOfFile: record, encoding: .utf8)
            let number = Int(text) ?? start
            start = number + 1
            guard child.terminationReason == .uncaughtSignal || child.terminationStatus != 0 else {
                continue
            }
            findings += 1
            let input = try mutation().input(seed: seed, index: number)
            let path = "finding-\(subject.rawValue)-\(seed)-\(number)"
            try Data(input).write(to: URL(fileURLWithPath: path))
            print(
                "\(subject.rawValue): input \(number) of seed \(seed) ended the process with \(child.terminationStatus): \(path)"
            )
        }
        print("\(subject.rawValue): \(start) inputs, \(findings) findings")
        return findings == 0 ? 0 : 1
    }

    private func mutation(_ examiner: Examiner? = nil) throws -> Mutation {
        let examiner = try examiner ?? Examiner(subject)
        return Mutation(
            seeds: try examiner.seeds(), words: subject.words.map { [UInt8]($0.utf8) })
    }

    /// Examines inputs from number `start` on.
    func work(from start: Int, record: String) throws {
        let examiner = try Examiner(subject)
        let mutation = try mutation(examiner)
        let end = Date().addingTimeInterval(seconds)
        let file = open(record, O_WRONLY)
        var index = start
        repeat {
            let text = Array("\(index)".utf8)
            pwrite(file, text, text.count, 0)
            let input = mutation.input(seed: seed, index: index)
            alarm(10)
            do {
                _ = try examiner.examine(input)
            } catch {
                _ = "\(error)"
            }
            alarm(0)
            index += 1
        } while end > Date()
        close(file)
    }
}
