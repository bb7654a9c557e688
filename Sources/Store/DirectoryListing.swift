import CSystem
import Foundation

/// An open directory with the names in it.
struct DirectoryListing {
    private let stream: OpaquePointer
    let device: UInt64
    private(set) var names: [String] = []

    /// Whether there are names that are no text.
    private(set) var hasOtherNames = false

    /// `nil` if it cannot be read.
    init?(_ path: String) {
        guard let stream = opendir(path) else { return nil }
        self.stream = stream
        var status = stat()
        device = fstat(dirfd(stream), &status) == 0 ? UInt64(status.st_dev) : 0
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    String(validatingCString: $0)
                }
            }
            guard let name else {
                hasOtherNames = true
                continue
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else {
            closedir(stream)
            return nil
        }
    }

    func close() { closedir(stream) }

    func stamp(of name: String) -> FileStamp? { FileStamp(of: name, in: dirfd(stream)) }

    /// Whether it is laid out as a store is.
    var isStore: Bool {
        names.contains("vireo.db") && names.contains("objects")
            && stamp(of: "objects")?.isDirectory == true
    }

    /// Whether it is of a file system that the kernel makes up.
    var isUnreal: Bool { Self.unreal.contains(file_system_type(dirfd(stream))) }

    /// proc, sysfs, debugfs, tracefs, cgroup, cgroup2, securityfs, configfs, devpts, bpf.
    private static let unreal: Set<UInt32> = [
        0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x0027_e0eb, 0x6367_7270, 0x7363_6673,
        0x6265_6570, 0x1cd1, 0xcafe_4a11,
    ]
}
