import Foundation
import FuzzSubjects

// Fuzz read SUBJECT FILE             says what the subject says; status 1 for an error
// Fuzz loop SUBJECT SECONDS SEED     changes examples until the time is over, in processes of its own

/// A process may take this much, and one input this long.
let memory = rlim_t(512 << 20)
let seconds: UInt32 = 10

func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    exit(64)
}

let arguments = CommandLine.arguments
guard arguments.count > 3, let subject = Subject(rawValue: arguments[2]) else {
    fail("Fuzz read SUBJECT FILE | loop SUBJECT SECONDS SEED")
}

/// From here on a bomb ends the process, not the machine.
func limit() {
    var limits = rlimit(rlim_cur: memory, rlim_max: memory)
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limits)
}

/// Prints what is said about a file; returns 1 for an error. What it needed is gone when it returns.
func read(_ file: String, as subject: Subject) throws -> Int32 {
    let examiner = try Examiner(subject)
    do {
        print(try examiner.examine(file: file))
        return 0
    } catch {
        print("\(error)".replacingOccurrences(of: examiner.workplace.directory + "/", with: ""))
        return 1
    }
}

switch arguments[1] {
case "read":
    limit()
    alarm(seconds)
    exit(try read(arguments[3], as: subject))
case "loop":
    guard arguments.count > 4, let time = Double(arguments[3]), let seed = UInt64(arguments[4])
    else {
        fail("Fuzz loop SUBJECT SECONDS SEED")
    }
    exit(try FuzzLoop(subject: subject, seconds: time, seed: seed).run())
case "child":
    guard arguments.count > 6, let time = Double(arguments[3]), let seed = UInt64(arguments[4]),
        let start = Int(arguments[5])
    else { fail("Fuzz loop SUBJECT SECONDS SEED") }
    limit()
    try FuzzLoop(subject: subject, seconds: time, seed: seed)
        .work(from: start, record: arguments[6])
default: fail("Fuzz read SUBJECT FILE | loop SUBJECT SECONDS SEED")
}
