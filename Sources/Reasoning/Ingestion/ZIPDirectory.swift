import Foundation

/// The end record of a zip archive, which states the number of members (APPNOTE.TXT, 4.3.16). libarchive
/// silently skips damaged entries of the central directory.
struct ZIPDirectory {
    /// The number of members that the archive states; `nil` if `file` is not a zip archive, has no end record,
    /// or has more members than fit the field.
    static func memberCount(of file: FileHandle) throws -> Int? {
        let size = try file.seekToEnd()
        try file.seek(toOffset: 0)
        guard try file.read(upToCount: 2).map({ $0.elementsEqual("PK".utf8) }) == true else {
            return nil
        }
        // The record has 22 bytes and may be followed by a comment of up to 65,535 bytes.
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
