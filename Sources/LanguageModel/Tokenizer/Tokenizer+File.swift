import Files
import Foundation

extension Tokenizer {
    /// The maximum size of the file, in bytes.
    private static let sizeLimit = 1 << 26

    /// Reads a tokenizer.json. Throws `LanguageModelError`, which names the field, if the file is malformed or
    /// has unsupported settings that could change the tokens.
    public init(path: String) throws {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= Self.sizeLimit else {
            throw LanguageModelError.malformed(
                path: path, reason: "the file has more than \(Self.sizeLimit >> 20) MiB")
        }
        guard let json = String(validating: file.bytes, as: UTF8.self) else {
            throw LanguageModelError.malformed(path: path, reason: "the file is not UTF-8")
        }
        try self.init(json: json, path: path)
    }

    /// Writes tokenizer.json atomically. Throws `LanguageModelError.unwritable`.
    public func write(to path: String) throws {
        try DurableFile.write(Data(json.utf8), to: path)
    }

    /// Parses the text of a tokenizer.json; `path` is for errors.
    init(json: String, path: String) throws {
        var text = json
        text.makeContiguousUTF8()
        let (model, added, composes) = try text.withUTF8 { bytes in
            try TokenizerFile(bytes, path: path).read()
        }
        self.init(json: json, model: model, added: added, composes: composes)
    }
}
