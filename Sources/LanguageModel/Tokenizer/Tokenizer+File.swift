import Files
import Foundation

extension Tokenizer {
    /// Larger files are refused before they are read, in bytes.
    private static let sizeLimit = 1 << 26

    /// Reads a tokenizer.json. Throws for a file that is malformed, and for everything in it that could change the
    /// tokens and is not supported, naming the field.
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

    /// Writes the tokenizer.json: to a temporary name, flushed, then renamed.
    public func write(to path: String) throws {
        try DurableFile.write(Data(json.utf8), to: path)
    }

    /// Reads the text of a tokenizer.json; `path` names it in errors.
    init(json: String, path: String) throws {
        var text = json
        text.makeContiguousUTF8()
        let (model, added, composes) = try text.withUTF8 { bytes in
            try TokenizerFile(bytes, path: path).read()
        }
        self.init(json: json, model: model, added: added, composes: composes)
    }
}
