extension Mistake {
    /// Complaints about what is best shown where it starts.
    static let unclosed: Set = [
        "did not find expected ',' or ']'", "did not find expected ',' or '}'",
        "found unexpected end of stream",
    ]

    /// What libyaml complains about, in its words but for those that say little.
    static func syntax(_ problem: String, _ context: String?) -> String {
        switch problem {
        case "but found another document": "YAML: the file holds more than one document"
        case "could not find expected ':'": "YAML: a key without its `:`"
        case "found character that cannot start any token":
            "YAML: no value can start with this character"
        case "control characters are not allowed": "YAML: control characters are not allowed"
        default: "YAML: " + (context.map { "\($0), " } ?? "") + problem
        }
    }

    static func syntaxRemedy(_ problem: String) -> String? {
        switch problem {
        case "found character that cannot start any token":
            "indent with blanks, not tabs; put texts that start with `@`, `%` or a backtick in quotes"
        case "mapping values are not allowed in this context":
            "put texts that contain `: ` in quotes, and check the indentation"
        case "did not find expected key", "did not find expected '-' indicator":
            "check the indentation of this line and of the one before it"
        case "did not find expected ',' or ']'": "close the list with `]`, with `,` between values"
        case "did not find expected ',' or '}'": "close the table with `}`, with `,` between keys"
        case "did not find expected node content": "write a value here or remove the comma"
        case "found unexpected end of stream": "close the quotes"
        case "found undefined alias": "name a value with `&name` first, or put the text in quotes"
        case "but found another document": "remove this `---` and what follows"
        case "could not find expected ':'": "write `key: value`, and check the indentation"
        case "control characters are not allowed": "remove the character, or write it as `\\xNN`"
        default: nil
        }
    }
}
