import Foundation

/// The end of a zip archive, which says how many members there are (APPNOTE.TXT, 4.3.16). libarchive passes over
/// damaged entries of the directory before it without a word.
struct ZIPDirectory {
    /// How many members the archive says it has; `nil` if `file` is no zip archive, lacks its end, or has more
    /// members than fit the field.
    static func memberCount(of file: FileHandle) throws -> Int? {
        let size = try file.seekToEnd()
        try file.seek(toOffset: 0)
        guard try file.read(upToCount: 2).map({ $0.elementsEqual("PK".utf8) }) == true else {
            return nil
        }
        // After a record of 22 bytes there may be a comment of up to 65,535.
        try file.seek(toOffset: size - min(size, 22 + 65_535))
        let tail = [UInt8](try file.readToEnd() ?? Data())
        func number(at index: Int) -> Int { Int(tail[index]) | Int(tail[index + 1]) << 8 }
        for start in stride(from: tail.count - 22, through: 0, by: -1)
        where tail[start...].starts(with: [0x50, 0x4B, 5, 6])
            && start + 22 + number(at: start + 20) == tail.count
        {
            let count = number(at: start + 10)
            return count == 0xFFFF ? nil : count
        }
        return nil
    }
}
