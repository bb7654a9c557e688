import Files
import Foundation
import Store
import Synchronization

/// A file system in memory below `root`, which remembers what happened to it; elsewhere it is the
/// machine's. Any of its calls can be made to fail, and it can be made to break the promises that a
/// program relies on.
final class SimulatedFileSystem: FileSystem {
    enum Fault: Hashable, CustomStringConvertible {
        case code(Int32)
        /// Reading or writing does half of what was asked for; other calls do as ever.
        case short

        var description: String {
            switch self {
            case .code(let code): String(cString: strerror(code))
            case .short: "half is done"
            }
        }
    }

    /// What the program would look like with its calls in a wrong order, or without some of them.
    enum Mutant: CaseIterable {
        case synchronizesNoFile
        case synchronizesNoDirectory
        case synchronizesNotTheTopDirectory
        /// Archives get their names first.
        case synchronizesFilesAfterRenaming
        /// The rows come first.
        case renamesAfterCommit
        case triesFailedSynchronizationAgain
    }

    struct State {
        var disk = Disk()
        var log: [Change] = []
        /// What every archive held when it got its name.
        var archives: [String: [UInt8]] = [:]
        var calls = 0
        fileprivate var failsToSynchronize = false
        fileprivate var fault: (call: Int, fault: Fault)?
        fileprivate var open: [Int32: (node: Int, place: Int)] = [:]
        fileprivate var handles: Int32 = 0
        fileprivate var postponed: [Change] = []
        fileprivate var unsynchronized: [Int] = []
        fileprivate var now = Date(timeIntervalSince1970: 0)
        fileprivate var modified: [Int: Date] = [:]
        fileprivate var nodes = 1

        /// What it was after so many changes.
        func truncated(to changes: Int) -> State {
            var copy = State()
            copy.nodes = nodes
            for change in log[..<changes] { copy.apply(change) }
            return copy
        }

        fileprivate mutating func apply(_ change: Change) {
            log.append(change)
            switch change {
            case .added(let node, let isDirectory):
                disk.add(node, isDirectory: isDirectory)
                modified[node] = now
            case .linked(let directory, let name, let node): disk.link(directory, name, node)
            case .unlinked(let directory, let name): disk.unlink(directory, name)
            case .renamed(let from, let name, let to, let newName, let node):
                if newName.hasSuffix(".tar.zst") { archives[newName] = disk.content(node) }
                disk.unlink(from, name)
                disk.link(to, newName, node)
            case .appended(let bytes, let node):
                disk.append(bytes, to: node)
                modified[node] = now
            case .synchronized, .failedToSynchronize: break
            }
        }
    }

    let root: String
    private let mutant: Mutant?
    private let local = LocalFileSystem()
    private let state: Mutex<State>

    /// Called before every call with the number of changes so far; whether the database changed.
    private let watch: @Sendable (Int) -> Bool

    init(
        root: String, disk: Disk = Disk(), mutant: Mutant? = nil, now: Date,
        watch: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) {
        self.root = root
        self.mutant = mutant
        self.watch = watch
        var state = State()
        // What is there has been there for long.
        state.now = .distantPast
        func copy(_ node: Int, to number: Int) {
            for (name, child) in disk.names(node).sorted(by: { $0.key < $1.key }) {
                let next = state.nodes
                state.nodes += 1
                let bytes = disk.content(child)
                state.apply(.added(next, isDirectory: bytes == nil))
                state.apply(.linked(directory: number, name: name, node: next))
                if let bytes {
                    state.apply(.appended(bytes, to: next))
                    if name.hasSuffix(".tar.zst") { state.archives[name] = bytes }
                }
                copy(child, to: next)
                state.apply(.synchronized(next))
            }
        }
        copy(0, to: 0)
        state.apply(.synchronized(0))
        state.now = now
        self.state = Mutex(state)
    }

    /// What it is now. Notices a commit first.
    var current: State {
        noticeCommit()
        return state.withLock { $0 }
    }

    /// Goes on from `state`, as a new process does after its forerunner was killed: nothing is open.
    func resume(_ state: State) {
        self.state.withLock {
            let now = $0.now
            $0 = state
            $0.now = now
            $0.open = [:]
            $0.postponed = []
            $0.unsynchronized = []
        }
    }

    func setTime(_ now: Date) { state.withLock { $0.now = now } }

    /// Makes the next synchronization of a file fail.
    func failNextSynchronization() { state.withLock { $0.failsToSynchronize = true } }

    /// Makes the call after the next `calls` ones fail.
    func fail(after calls: Int, _ fault: Fault) {
        state.withLock { $0.fault = ($0.calls + calls + 1, fault) }
    }

    private func noticeCommit() {
        guard watch(state.withLock { $0.log.count }) else { return }
        state.withLock { state in
            let postponed = state.postponed
            state.postponed = []
            for change in postponed { state.apply(change) }
        }
    }

    private func relative(_ path: String) -> String? {
        if path == root { return "" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : nil
    }

    /// Counts a call; throws or returns the fault that was asked for.
    private func begin(_ operation: String, _ path: String) throws(StoreError) -> Fault? {
        noticeCommit()
        let fault = state.withLock { state -> Fault? in
            state.calls += 1
            guard let (call, fault) = state.fault, call == state.calls else { return nil }
            return fault
        }
        if case .code(let code)? = fault {
            throw .file(operation: operation, path: path, code: code)
        }
        return fault
    }

    private func place(
        _ path: String, _ operation: String, in state: borrowing State
    ) throws(StoreError) -> (directory: Int, name: String) {
        let relative = relative(path) ?? ""
        let parent = (relative as NSString).deletingLastPathComponent
        guard let directory = state.disk.find(parent) else {
            throw .file(operation: operation, path: path, code: ENOENT)
        }
        return (directory, (relative as NSString).lastPathComponent)
    }

    private func add(
        _ path: String, isDirectory: Bool, _ operation: String
    ) throws(StoreError) -> Int {
        try state.withLock { state throws(StoreError) in
            if relative(path) == "" { throw .file(operation: operation, path: path, code: EEXIST) }
            let (directory, name) = try place(path, operation, in: state)
            guard state.disk.names(directory)[name] == nil else {
                throw .file(operation: operation, path: path, code: EEXIST)
            }
            let node = state.nodes
            state.nodes += 1
            state.apply(.added(node, isDirectory: isDirectory))
            state.apply(.linked(directory: directory, name: name, node: node))
            return node
        }
    }

    func makeDirectory(_ path: String, mode: UInt32) throws(StoreError) {
        _ = try begin("create the directory", path)
        guard relative(path) != nil else { return try local.makeDirectory(path, mode: mode) }
        _ = try add(path, isDirectory: true, "create the directory")
    }

    func create(_ path: String, mode: UInt32) throws(StoreError) -> OpenFile {
        _ = try begin("create", path)
        guard relative(path) != nil else { return try local.create(path, mode: mode) }
        return handle(try add(path, isDirectory: false, "create"), path)
    }

    func open(_ path: String) throws(StoreError) -> OpenFile {
        _ = try begin("read", path)
        guard let relative = relative(path) else { return try local.open(path) }
        guard let node = state.withLock({ $0.disk.find(relative) }) else {
            throw .file(operation: "read", path: path, code: ENOENT)
        }
        return handle(node, path)
    }

    /// A handle of our own is negative.
    private func handle(_ node: Int, _ path: String) -> OpenFile {
        state.withLock { state in
            state.handles -= 1
            state.open[state.handles] = (node, 0)
            return OpenFile(number: state.handles, path: path)
        }
    }

    func readOnce(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int {
        let length =
            try begin("read", file.path) == .short ? max(1, buffer.count / 2) : buffer.count
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
        guard file.number < 0 else { return try local.readOnce(file, into: room) }
        let piece = state.withLock { state -> [UInt8] in
            guard let (node, place) = state.open[file.number],
                let bytes = state.disk.content(node)
            else { return [] }
            let piece = bytes[place..<min(bytes.count, place + length)]
            state.open[file.number] = (node, place + piece.count)
            return Array(piece)
        }
        room.copyBytes(from: piece)
        return piece.count
    }

    func writeOnce(
        _ bytes: UnsafeRawBufferPointer, to file: OpenFile
    ) throws(StoreError) -> Int {
        let isShort = try begin("write", file.path) == .short
        let piece = bytes.prefix(isShort ? max(1, bytes.count / 2) : bytes.count)
        guard file.number < 0 else {
            return try local.writeOnce(UnsafeRawBufferPointer(rebasing: piece), to: file)
        }
        state.withLock { state in
            guard let (node, _) = state.open[file.number] else { return }
            state.apply(.appended(Array(piece), to: node))
        }
        return piece.count
    }

    func synchronize(_ file: OpenFile) throws(StoreError) {
        let node = state.withLock { $0.open[file.number]?.node ?? 0 }
        do throws(StoreError) {
            let fails = state.withLock { state in
                defer { state.failsToSynchronize = false }
                return state.failsToSynchronize
            }
            if fails { throw StoreError.file(operation: "write", path: file.path, code: EIO) }
            _ = try begin("write", file.path)
        } catch {
            state.withLock { $0.apply(.failedToSynchronize(node)) }
            guard mutant == .triesFailedSynchronizationAgain else { throw error }
        }
        guard file.number < 0 else { return try local.synchronize(file) }
        switch mutant {
        case .synchronizesNoFile: return
        case .synchronizesFilesAfterRenaming:
            state.withLock { $0.unsynchronized.append(node) }
        default: state.withLock { $0.apply(.synchronized(node)) }
        }
    }

    func synchronize(directory: String) throws(StoreError) {
        // Names are not lost by a failure, as content is: they may be brought to the disk later.
        _ = try begin("write", directory)
        guard let relative = relative(directory),
            let node = state.withLock({ $0.disk.find(relative) })
        else { return try local.synchronize(directory: directory) }
        switch mutant {
        case .synchronizesNoDirectory: return
        case .synchronizesNotTheTopDirectory where relative == "objects": return
        case .renamesAfterCommit: state.withLock { $0.postponed.append(.synchronized(node)) }
        default: state.withLock { $0.apply(.synchronized(node)) }
        }
    }

    func close(_ file: OpenFile) {
        guard file.number < 0 else { return local.close(file) }
        state.withLock { $0.open[file.number] = nil }
    }

    func rename(_ old: String, to new: String) throws(StoreError) {
        _ = try begin("rename a file to", new)
        guard relative(old) != nil else { return try local.rename(old, to: new) }
        try state.withLock { state throws(StoreError) in
            let (from, name) = try place(old, "rename a file to", in: state)
            let (to, newName) = try place(new, "rename a file to", in: state)
            guard let node = state.disk.names(from)[name] else {
                throw .file(operation: "rename a file to", path: new, code: ENOENT)
            }
            if let present = state.disk.names(to)[newName], !state.disk.names(present).isEmpty {
                throw .file(operation: "rename a file to", path: new, code: ENOTEMPTY)
            }
            let change = Change.renamed(
                from: from, name: name, to: to, newName: newName, node: node)
            if mutant == .renamesAfterCommit, newName.hasSuffix(".tar.zst") {
                state.archives[newName] = state.disk.content(node)
                // Nobody may find the temporary name meanwhile and remove it.
                state.disk.unlink(from, name)
                state.postponed.append(change)
                return
            }
            state.apply(change)
            for node in state.unsynchronized { state.apply(.synchronized(node)) }
            state.unsynchronized = []
        }
    }

    func removeFile(_ path: String) throws(StoreError) {
        _ = try begin("remove", path)
        guard relative(path) != nil else { return try local.removeFile(path) }
        try unlink(path)
    }

    func removeDirectory(_ path: String) throws(StoreError) {
        _ = try begin("remove", path)
        guard relative(path) != nil else { return try local.removeDirectory(path) }
        try unlink(path)
    }

    private func unlink(_ path: String) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            let (directory, name) = try place(path, "remove", in: state)
            guard state.disk.names(directory)[name] != nil else {
                throw .file(operation: "remove", path: path, code: ENOENT)
            }
            state.apply(.unlinked(directory: directory, name: name))
        }
    }

    func status(_ path: String) throws(StoreError) -> FileStatus? {
        _ = try begin("read", path)
        guard let relative = relative(path) else { return try local.status(path) }
        return state.withLock { state in
            guard let node = state.disk.find(relative) else { return nil }
            let bytes = state.disk.content(node)
            return FileStatus(
                kind: bytes == nil ? .directory : .file, bytes: bytes?.count ?? 0,
                modified: state.modified[node] ?? .distantPast,
                stamp: FileStamp(
                    device: 0, inode: UInt64(node), bytes: bytes?.count ?? 0, modified: 0,
                    changed: 0, isDirectory: bytes == nil))
        }
    }

    func protect(_ path: String) throws(StoreError) {
        _ = try begin("protect", path)
        if relative(path) == nil { try local.protect(path) }
    }

    func unprotect(_ path: String) throws(StoreError) {
        _ = try begin("unprotect", path)
        if relative(path) == nil { try local.unprotect(path) }
    }

    func names(in directory: String) throws(StoreError) -> [String] {
        _ = try begin("read", directory)
        guard let relative = relative(directory) else { return try local.names(in: directory) }
        guard let node = state.withLock({ $0.disk.find(relative) }) else {
            throw .file(operation: "read", path: directory, code: ENOENT)
        }
        return Array(state.withLock { $0.disk.names(node).keys })
    }
}
