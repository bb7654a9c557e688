import Files
import Foundation

extension DurableFile {
    static func write(_ data: Data, to path: String) throws {
        try write(to: path) { file in try data.withUnsafeBytes { try file.append($0) } }
    }

    /// Writes a file whose content `content` appends; failures name the file.
    static func write(to path: String, _ content: (borrowing DurableFile) throws -> Void) throws {
        do {
            let file = try DurableFile(path)
            try content(file)
            try file.finish()
        } catch let error as POSIXError {
            throw LanguageModelError.unwritable(path: path, reason: error.reason)
        }
    }
}
