import Foundation
import FuzzSubjects

/// The subject that the environment names.
private let examiner: Examiner = {
    let name = ProcessInfo.processInfo.environment["FUZZ_SUBJECT"] ?? ""
    guard let subject = Subject(rawValue: name) else { fatalError("FUZZ_SUBJECT names none") }
    do {
        let examiner = try Examiner(subject)
        if let directory = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] {
            for (number, seed) in try examiner.seeds().enumerated() {
                try Data(seed).write(to: URL(fileURLWithPath: "\(directory)/seed-\(number)"))
            }
        }
        return examiner
    } catch {
        fatalError("\(error)")
    }
}()

/// What libFuzzer calls with bytes that lead to places it has not seen.
@_cdecl("LLVMFuzzerTestOneInput")
public func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        _ = try examiner.examine([UInt8](UnsafeBufferPointer(start: start, count: count)))
    } catch {
        _ = "\(error)"
    }
    return 0
}
