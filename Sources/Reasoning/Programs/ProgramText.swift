/// Finds the program in a response.
enum ProgramText {
    /// The names of Python after the marks of a block.
    private static let languages: Set = ["", "python", "python3", "py"]

    /// The last closed block between lines of three or more backticks that is marked as Python or not marked; `nil` if
    /// there is none. A block that a marked one follows without being closed is ignored.
    static func program(in response: String) -> String? {
        let bytes = Array(response.utf8)
        let text = ResponseParts(bytes[...]).text
        var found: ArraySlice<UInt8>?
        var open: (start: Int, isPython: Bool)?
        var start = text.startIndex
        while start < text.endIndex {
            let end = text[start...].firstIndex(of: 10) ?? text.endIndex
            let line = text[start..<end].trimmed
            let next = min(end + 1, text.endIndex)
            if line.starts(with: "```".utf8) {
                let mark = line.drop { $0 == UInt8(ascii: "`") }.trimmed
                if let block = open, mark.isEmpty {
                    if block.isPython { found = text[block.start..<start] }
                    open = nil
                } else if !mark.contains(UInt8(ascii: "`")) {
                    let name = String(decoding: mark.prefix { !$0.isBlank }, as: UTF8.self)
                    open = (next, languages.contains(name.lowercased()))
                }
            }
            start = next
        }
        return found.map { String(decoding: $0, as: UTF8.self) }
    }
}
