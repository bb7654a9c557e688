import Foundation
import Glibc
import LanguageModel

/// The files of a checkpoint, which are judged without torch.
package enum TrainerFiles {
    /// The first file below a directory that is cut; `nil` if all are whole. Files of torch are ZIP archives, which end
    /// with a record of their contents.
    package static func flaw(in directory: String, below prefix: String = "") -> String? {
        for name in FileNames.all(in: directory).sorted() {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0 else { return "\(prefix)\(name) is missing" }
            if status.st_mode & S_IFMT == S_IFDIR {
                if let flaw = flaw(in: path, below: "\(prefix)\(name)/") { return flaw }
                continue
            }
            switch (name as NSString).pathExtension {
            case "safetensors":
                do { _ = try SafeTensors(path: path) } catch { return "\(error)" }
            case "pt", "pth", "bin":
                guard isWholeArchive(path) else { return "\(prefix)\(name) is cut" }
            default: continue
            }
        }
        return nil
    }

    /// Whether a file ends with the end record of a ZIP archive, whose comment has the length that it names.
    package static func isWholeArchive(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        let record = 22
        // A comment has at most 65,535 bytes.
        let size = lseek(file, 0, SEEK_END)
        let length = min(Int(size), record + 65_535)
        guard length >= record else { return false }
        var tail = [UInt8](repeating: 0, count: length)
        guard pread(file, &tail, length, size - off_t(length)) == length else { return false }
        for start in stride(from: length - record, through: 0, by: -1)
        where tail[start...].starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            let comment = Int(tail[start + 20]) | Int(tail[start + 21]) << 8
            return start + record + comment == length
        }
        return false
    }
}
