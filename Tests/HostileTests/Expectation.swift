import Foundation
import Testing

/// What is said about the fixtures, by their names, word for word: `Tests/Fixtures/hostile.txt`. A line
/// `=== name` begins each; `⋯` in a text stands for any text, such as the middle of a long listing. With
/// HOSTILE_RECORD the texts of this run are written to the directory that it names.
enum Expectation {
    static let texts: [String: String] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Fixtures/hostile.txt")
        let text = try! String(contentsOf: file, encoding: .utf8)
        let sections = text.components(separatedBy: "\n=== ").dropFirst()
        let pairs = sections.map { section in
            let end = section.firstIndex(of: "\n") ?? section.endIndex
            let text = section[end...].dropFirst()
            return (String(section[..<end]), text.trimmingCharacters(in: .newlines))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    static func fits(_ output: String, _ expected: String) -> Bool {
        let parts = expected.components(separatedBy: "⋯")
        guard parts.count == 2 else { return output == expected }
        return output.hasPrefix(parts[0]) && output.hasSuffix(parts[1])
            && output.utf8.count < 200_000
    }

    static func record(_ output: String, _ name: String) {
        guard let directory = ProcessInfo.processInfo.environment["HOSTILE_RECORD"] else { return }
        let file = name.replacingOccurrences(of: "/", with: "_")
        try! "\(name)\n\(output)".write(
            toFile: directory + "/" + file, atomically: true, encoding: .utf8)
    }
}

/// Expects the text of this name.
func expect(
    _ result: Victim.Result, _ status: Int32, _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    Expectation.record(result.output, name)
    let expected = Expectation.texts[name]
    #expect(expected != nil, "there is no text for \(name)", sourceLocation: sourceLocation)
    #expect(result.status == status, "\(name): \(result)", sourceLocation: sourceLocation)
    #expect(
        Expectation.fits(result.output, expected ?? ""),
        "\(name): \(result.output) is not \(expected ?? "")", sourceLocation: sourceLocation)
}
