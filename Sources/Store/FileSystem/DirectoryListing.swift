import CSystem
import Files
import Foundation
import JSON
import Pipeline

/// An open directory with its names.
struct DirectoryListing {
    private let directory: OpenDirectory
    /// The stamp of the directory itself.
    let stamp: FileStamp
    private(set) var names: [String] = []
    /// The names that are, or may be, symbolic links.
    private(set) var links: Set<ExactText> = []

    /// An order-independent sum over all names and the inode numbers of their files.
    private(set) var entries: UInt64 = 0

    /// Whether there are names that are not UTF-8.
    private(set) var hasOtherNames = false

    init(_ path: String) throws(POSIXError) {
        directory = try OpenDirectory(path)
        var status = stat()
        guard fstat(directory.descriptor, &status) == 0 else { throw .last }
        stamp = FileStamp(status)
        while let entry = try directory.next() {
            guard let name = String(validating: entry.name, as: UTF8.self) else {
                hasOtherNames = true
                continue
            }
            names.append(name)
            entries &+= Self.hash(name, entry.inode)
            if [DT_LNK, DT_UNKNOWN].contains(entry.type) { links.insert(ExactText(name)) }
        }
    }

    /// The 64-bit FNV-1a hash.
    private static func hash(_ name: String, _ inode: UInt64) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for place in 0..<8 { hash = (hash ^ (inode >> (8 * place) & 0xff)) &* 0x100_0000_01b3 }
        return hash
    }

    var device: UInt64 { stamp.device }

    /// The name as a step of a route; `nil` unless it is a link or a directory.
    func step(_ name: String, path: String) -> FileRoute.Step? {
        FileRoute.Step(path, in: directory.descriptor, name: name)
    }

    func stamp(of name: String) -> FileStamp? { FileStamp(of: name, in: directory.descriptor) }

    /// Whether the directory has the layout of a store.
    var isStore: Bool {
        names.contains("vireo.db") && names.contains("objects")
            && stamp(of: "objects")?.isDirectory == true
    }

    /// Whether it is in a virtual file system of the kernel.
    var isUnreal: Bool { Self.unreal.contains(file_system_type(directory.descriptor)) }

    /// proc, sysfs, debugfs, tracefs, cgroup, cgroup2, securityfs, configfs, devpts, bpf.
    private static let unreal: Set<UInt32> = [
        0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x0027_e0eb, 0x6367_7270, 0x7363_6673,
        0x6265_6570, 0x1cd1, 0xcafe_4a11,
    ]
}
