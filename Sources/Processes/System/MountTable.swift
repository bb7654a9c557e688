import Foundation

/// The mount points that a process sees.
package enum MountTable {
    /// The mount points below `directory` in the text of `/proc/self/mountinfo` (see proc_pid_mountinfo(5): the fifth
    /// field, with spaces, tabs, newlines and backslashes as octal escapes).
    package static func points(below directory: String, in table: Data) -> [String] {
        let prefix = Array((directory + "/").utf8)
        return table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 5 else { return nil }
            let path = unescaped(fields[4])
            return path.starts(with: prefix) ? String(decoding: path, as: UTF8.self) : nil
        }
    }

    /// The mount points below `directory` that this process sees; none without `/proc`.
    package static func points(below directory: String) -> [String] {
        guard let table = ProcessFile.bytes("/proc/self/mountinfo") else {
            return []
        }
        return points(below: directory, in: Data(table))
    }

    private static func unescaped(_ field: Data) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = field[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(3)
        }
        return bytes
    }
}
