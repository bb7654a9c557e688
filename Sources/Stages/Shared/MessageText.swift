/// Parts of the messages of stages.
enum MessageText {
    /// Longer lines, in bytes, are shortened; the log has them in full.
    private static let longestLine = 500

    /// The end of a message about a program whose last line of output is `line`.
    static func lastLine(_ line: String) -> String {
        let isLong = line.utf8.count > longestLine
        return line.isEmpty
            ? ""
            : "; its last line: "
                + (isLong ? "\(line.prefix(longestLine))… (\(line.utf8.count) bytes)" : line)
    }

    /// The first hundred names, and the number of further ones.
    static func list(_ names: [String]) -> String {
        var listed: Set<String> = []
        let names = names.filter { listed.insert($0).inserted }
        let more = names.count - 100
        return names.prefix(100).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
