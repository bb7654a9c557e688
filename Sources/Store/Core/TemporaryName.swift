import Foundation

/// The name of a file or directory that is being written. It identifies the writer, so that leftovers of dead processes
/// are recognized without clocks.
struct TemporaryName {
    static let start = ".new-"

    /// The boot, the namespace of process ids, the process and its start time, as far as names contain them.
    private let owner: [Substring]

    /// `nil` for names that do not identify the writer, such as those of older versions.
    init?(_ name: String) {
        let parts = name.dropFirst(Self.start.count).split(
            separator: "-", omittingEmptySubsequences: false)
        // A UUID has five parts.
        guard name.hasPrefix(Self.start), parts.count == 9 else { return nil }
        owner = Array(parts.prefix(4))
    }

    /// The prefix of names of `identity`, which a unique part follows.
    static func prefix(_ identity: HostClock.Identity) -> String {
        start + fields(identity).joined(separator: "-") + "-"
    }

    func isBy(_ identity: HostClock.Identity) -> Bool {
        owner.elementsEqual(Self.fields(identity), by: { $0 == $1 })
    }

    private static func fields(_ identity: HostClock.Identity) -> [String] {
        [
            String(identity.boot.filter { $0.isLetter || $0.isNumber }.prefix(12)),
            identity.namespace.filter(\.isNumber), "\(identity.process)", "\(identity.start)",
        ]
    }

    /// The process of this name, if its process id is visible to `identity`.
    func process(seenFrom identity: HostClock.Identity) -> (number: Int32, start: Int)? {
        let own = Self.fields(identity)
        guard owner[0] == own[0], owner[1] == own[1], let number = Int32(owner[2]),
            let start = Int(owner[3])
        else { return nil }
        return (number, start)
    }
}

extension Store {
    package static var temporaryPrefix: String { TemporaryName.start }

    /// The prefix of the paths of temporary files of this process in `directory`.
    func temporaryPrefix(in directory: String) -> String {
        directory + "/" + TemporaryName.prefix(watch.kernel.identity)
    }

    /// Recognizes temporary files of dead processes. `runners` are the living ones.
    struct AbandonedFiles {
        let store: Store
        private let living: [HostClock.Identity]

        /// Files of unknown processes may be in use until they are an hour old.
        private static let patience: Double = 3600

        init(_ store: Store) throws {
            self.store = store
            living = try store.runners().filter(\.isAlive).map(\.runner.identity)
        }

        func contains(_ path: String) throws(StoreError) -> Bool {
            if let name = TemporaryName((path as NSString).lastPathComponent) {
                let kernel = store.watch.kernel
                if let process = name.process(seenFrom: kernel.identity) {
                    return kernel.process(process.number)?.start != process.start
                }
                if living.contains(where: name.isBy) { return false }
            }
            guard let status = try store.files.status(path) else { return false }
            return store.clock().timeIntervalSince(status.modified) > Self.patience
        }
    }
}
