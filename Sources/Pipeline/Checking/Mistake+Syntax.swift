extension Mistake {
    /// Errors of libyaml that are reported at the start of the unclosed value.
    static let unclosed: Set = [
        "did not find expected ',' or ']'", "did not find expected ',' or '}'",
        "found unexpected end of stream",
    ]

    /// The error message of libyaml, replaced where it is unclear.
    static func syntax(_ problem: String, _ context: String?) -> String {
        switch problem {
        case "but found another document": "YAML: the file contains more than one document"
        case "could not find expected ':'": "YAML: a key is not followed by `:`"
        case "found character that cannot start any token":
            "YAML: a value cannot start with this character"
        case "control characters are not allowed": "YAML: control characters are not allowed"
        default: "YAML: " + (context.map { "\($0), " } ?? "") + problem
        }
    }

    static func syntaxRemedy(_ problem: String) -> String? {
        switch problem {
        case "found character that cannot start any token":
            "indent with spaces, not tabs; quote texts that start with `@`, `%` or a backtick"
        case "mapping values are not allowed in this context":
            "quote texts that contain `: `, and check the indentation"
        case "did not find expected key", "did not find expected '-' indicator":
            "check the indentation of this line and of the previous line"
        case "did not find expected ',' or ']'":
            "close the list with `]`, and separate values with `,`"
        case "did not find expected ',' or '}'":
            "close the table with `}`, and separate entries with `,`"
        case "did not find expected node content": "write a value here or remove the comma"
        case "found unexpected end of stream": "close the quotes"
        case "found undefined alias": "define the anchor `&name` first, or quote the text"
        case "but found another document": "remove this `---` and everything after it"
        case "could not find expected ':'": "write `key: value`, and check the indentation"
        case "control characters are not allowed": "remove the character, or write it as `\\xNN`"
        default: nil
        }
    }
}
