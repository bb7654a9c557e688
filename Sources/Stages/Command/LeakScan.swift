import Files
import Glibc

/// Removes files that contain a secret from a directory. Paths are bytes, because programs may use any file
/// names.
struct LeakScan {
    let secrets: Secrets
    /// Directories that are scanned separately.
    var skipped: Set<String> = []
    /// The removed files: the name of the variable, and the path relative to the directory.
    private(set) var found: [(name: String, path: String)] = []

    /// The number of bytes that are scanned at once.
    private static let piece = 1 << 20

    init(secrets: Secrets, skipped: Set<String> = []) {
        self.secrets = secrets
        self.skipped = skipped
    }

    mutating func clean(_ directory: String) throws {
        try visit(Array(directory.utf8), below: Array(directory.utf8).count + 1)
    }

    private mutating func visit(_ directory: [UInt8], below start: Int) throws {
        for name in try Self.names(in: directory).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let path = directory + [UInt8(ascii: "/")] + name
            if !skipped.isEmpty, skipped.contains(String(decoding: path, as: UTF8.self)) {
                continue
            }
            var status = stat()
            guard lstat(Self.text(path), &status) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if let secret = try leak(name, path, kind) {
                found.append((secret, String(decoding: path[start...], as: UTF8.self)))
                try Self.remove(path, kind)
            } else if kind == S_IFDIR {
                if status.st_mode & S_IRWXU != S_IRWXU { chmod(Self.text(path), 0o755) }
                try visit(path, below: start)
            }
        }
    }

    /// The name of a variable whose value occurs in a name, in the content of a file or in the target of a
    /// link.
    private func leak(_ name: [UInt8], _ path: [UInt8], _ kind: mode_t) throws -> String? {
        if let secret = name.withUnsafeBytes({ secrets.name(in: $0) }) { return secret }
        switch kind {
        case S_IFREG: return try leak(inFile: path)
        case S_IFLNK:
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(Self.text(path), &target, target.count)
            return target.prefix(max(0, count)).withUnsafeBytes { secrets.name(in: $0) }
        default: return nil
        }
    }

    private func leak(inFile path: [UInt8]) throws -> String? {
        var file = open(Self.text(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if file < 0, errno == EACCES {
            chmod(Self.text(path), 0o644)
            file = open(Self.text(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        }
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Self.failure(path)
        }
        defer { close(file) }
        // Keep the end of the buffer, which may be the start of a value.
        var buffer = [UInt8](repeating: 0, count: Self.piece + secrets.longest)
        var kept = 0
        while true {
            let count = buffer.withUnsafeMutableBytes {
                read(file, $0.baseAddress.map { $0 + kept }, Self.piece)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path) }
            if count == 0 { return nil }
            let all = kept + count
            let secret = buffer.withUnsafeBytes {
                secrets.name(in: UnsafeRawBufferPointer(rebasing: $0[..<all]))
            }
            if let secret { return secret }
            kept = min(all, secrets.longest)
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + all - kept, kept)
            }
        }
    }

    private static func remove(_ path: [UInt8], _ kind: mode_t) throws {
        guard kind == S_IFDIR else {
            guard unlink(text(path)) == 0 || errno == ENOENT else { throw failure(path) }
            return
        }
        chmod(text(path), 0o755)
        for name in try names(in: path) {
            let inner = path + [UInt8(ascii: "/")] + name
            var status = stat()
            guard lstat(text(inner), &status) == 0 else { continue }
            try remove(inner, status.st_mode & S_IFMT)
        }
        guard rmdir(text(path)) == 0 else { throw failure(path) }
    }

    private static func names(in directory: [UInt8]) throws -> [[UInt8]] {
        var names: [[UInt8]] = []
        do {
            let listing = try OpenDirectory(
                open(text(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
            while let entry = try listing.next() { names.append(entry.name) }
        } catch {
            throw failure(directory, error.code.rawValue)
        }
        return names
    }

    private static func text(_ path: [UInt8]) -> [CChar] {
        (path + [0]).map { CChar(bitPattern: $0) }
    }

    private static func failure(_ path: [UInt8], _ code: Int32 = errno) -> StageError {
        let reason = String(cString: strerror(code))
        return .unreadable(String(decoding: path, as: UTF8.self), reason: reason)
    }
}
