import Files
import Foundation
import Pipeline

/// The git repository that contains a directory, read without git. The repository may be untrusted, so only a commit
/// hash is taken from it.
package struct GitRepository {
    /// The directory that contains `.git`.
    package let root: String

    /// The directory of HEAD; `nil` if a file `.git` does not name one.
    private let directory: String?

    /// The directory of the branches. A linked working tree uses that of the main one.
    private let common: String?

    /// Finds the repository that contains the absolute path `directory`; `nil` if there is none.
    package init?(of directory: String) {
        var root = directory
        while true {
            let place = FilePath.joined(root, ".git")
            var status = stat()
            if stat(place, &status) == 0 {
                if status.st_mode & S_IFMT != S_IFDIR {
                    self.init(root: root, directory: Self.directory(named: place, in: root))
                    return
                }
                if FileManager.default.fileExists(atPath: place + "/HEAD") {
                    self.init(root: root, directory: place)
                    return
                }
            }
            guard FilePath.isAbsolute(root), root != "/" else { return nil }
            root = FilePath.parent(root)
        }
    }

    private init(root: String, directory: String?) {
        self.root = root
        self.directory = directory
        common = directory.map { directory in
            Self.text(directory + "/commondir").map { FilePath.joined(directory, $0) } ?? directory
        }
    }

    /// The directory that a file `.git` names. Linked working trees and submodules have such files.
    private static func directory(named file: String, in root: String) -> String? {
        let start = "gitdir: "
        guard let line = text(file), line.hasPrefix(start) else { return nil }
        return FilePath.joined(root, String(line.dropFirst(start.count)))
    }

    /// The checked-out commit; `nil` if there is none yet or it cannot be read.
    package var commit: String? {
        guard let directory, var line = Self.text(directory + "/HEAD", below: directory) else {
            return nil
        }
        // HEAD may be a symbolic reference to a symbolic reference.
        for _ in 0..<5 {
            if Self.isCommit(line) { return line }
            let start = "ref: "
            guard line.hasPrefix(start) else { return nil }
            let name = String(line.dropFirst(start.count))
            guard Self.isReference(name) else { return nil }
            guard let next = loose(name) else { return packed(name) }
            line = next
        }
        return nil
    }

    private func loose(_ name: String) -> String? {
        for directory in [directory, common].compactMap(\.self) {
            if let line = Self.text("\(directory)/\(name)", below: directory) { return line }
        }
        return nil
    }

    private func packed(_ name: String) -> String? {
        guard let common, let text = Self.text(common + "/packed-refs", below: common) else {
            return nil
        }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[1] == name, Self.isCommit(String(words[0])) {
                return String(words[0])
            }
        }
        return nil
    }

    private static func isCommit(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Whether a name is a valid path below `refs`.
    private static func isReference(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0].elementsEqual("refs".utf8)
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != UInt8(ascii: ".")
                    && part.allSatisfy { $0 > 32 && $0 != 127 }
            }
    }

    /// The largest file that is read, in bytes: enough for several hundred thousand branches.
    private static let limit = 32 << 20

    /// The text of a file without surrounding white space; `nil` if it is not a regular file, or if a link leads out of
    /// `directory`.
    private static func text(_ path: String, below directory: String? = nil) -> String? {
        if let directory {
            guard let (real, top) = resolved(path, directory), real.hasPrefix(top + "/") else {
                return nil
            }
        }
        do {
            let data = try RegularFile.contents(ofFile: path, limit: limit)
            return String(decoding: data, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            return nil
        }
    }

    private static func resolved(_ path: String, _ directory: String) -> (String, String)? {
        func real(_ path: String) -> String? {
            guard let found = realpath(path, nil) else { return nil }
            defer { free(found) }
            return String(cString: found)
        }
        guard let path = real(path), let directory = real(directory) else { return nil }
        return (path, directory)
    }
}
