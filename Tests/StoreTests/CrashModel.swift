import TestSupport

/// What may be on the disk after the power failed.
enum CrashModel: CaseIterable {
    /// As ext4 does it: names reach the disk in order, with any synchronization all of them; of a file's
    /// content that was not synchronized, any beginning.
    case journal

    /// As little as POSIX promises: a name is on the disk once its directory was synchronized; until then
    /// each one may be there or not, both halves of a renaming for themselves; of content that was not
    /// synchronized any sectors, and zeros for the rest.
    case weakest

    static let sector = 512

    /// Disks that a failure after the first `end` changes may leave; some of the many if they are many.
    func disks(
        after log: ArraySlice<Change>, samples: Int, random: inout SeededRandom
    ) -> [Disk] {
        let pending = Pending(log, self)
        var disks: [Disk] = []
        for names in nameChoices(pending.names, &random) {
            let isTorn = !pending.content.isEmpty
            for _ in 0..<(isTorn ? samples : 1) {
                var contents: [Int: [UInt8]] = [:]
                for (node, bytes) in pending.content {
                    contents[node] = torn(bytes, &random)
                }
                disks.append(Self.replay(log, pending, names, contents))
            }
        }
        return disks
    }

    /// What was not brought to the disk.
    private struct Pending {
        /// A change of a name: its place in the log, and which half of a renaming.
        struct Name: Hashable {
            let place: Int
            let isRemoval: Bool
        }

        var names: [Name] = []
        var places: Set<Name> = []
        /// Where content was written that was not synchronized, and all of it for each file.
        var appends: Set<Int> = []
        var content: [Int: [UInt8]] = [:]

        init(_ log: ArraySlice<Change>, _ model: CrashModel) {
            var synchronized: Set<Int> = []
            var isCommitted = false
            func isSafe(_ directory: Int) -> Bool {
                model == .journal ? isCommitted : synchronized.contains(directory)
            }
            for (place, change) in zip(log.indices, log).reversed() {
                switch change {
                case .synchronized(let node):
                    synchronized.insert(node)
                    isCommitted = true
                case .failedToSynchronize(let node): synchronized.remove(node)
                case .linked(let directory, _, _):
                    if !isSafe(directory) { names.append(.init(place: place, isRemoval: false)) }
                case .unlinked(let directory, _):
                    if !isSafe(directory) { names.append(.init(place: place, isRemoval: true)) }
                case .renamed(let from, _, let to, _, _):
                    if !isSafe(to) { names.append(.init(place: place, isRemoval: false)) }
                    if !isSafe(from) { names.append(.init(place: place, isRemoval: true)) }
                case .appended(let bytes, let node):
                    if !synchronized.contains(node) {
                        appends.insert(place)
                        content[node] = bytes + (content[node] ?? [])
                    }
                case .added: break
                }
            }
            names.reverse()
            places = Set(names)
        }
    }

    /// Sets of pending names that reached the disk after all.
    private func nameChoices(
        _ names: [Pending.Name], _ random: inout SeededRandom
    ) -> [Set<Pending.Name>] {
        switch self {
        case .journal:
            let places = [-1] + Set(names.map(\.place)).sorted()
            return places.map { last in Set(names.filter { $0.place <= last }) }
        case .weakest where names.count <= 5:
            return (0..<(1 << names.count)).map { bits in
                Set(names.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
            }
        case .weakest:
            let some = (0..<30).map { _ in
                Set(names.filter { _ in Bool.random(using: &random) })
            }
            return [[], Set(names)] + some
        }
    }

    private func torn(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        let sectors = (bytes.count + Self.sector - 1) / Self.sector
        let length = min(
            bytes.count,
            Int.random(in: 0...(sectors + sectors / 4 + 1), using: &random) * Self.sector)
        var left = Array(bytes[..<length])
        guard self == .weakest else { return left }
        for start in stride(from: 0, to: length, by: Self.sector)
        where Int.random(in: 0..<3, using: &random) == 0 {
            for place in start..<min(start + Self.sector, length) { left[place] = 0 }
        }
        return left
    }

    private static func replay(
        _ log: ArraySlice<Change>, _ pending: Pending, _ names: Set<Pending.Name>,
        _ contents: [Int: [UInt8]]
    ) -> Disk {
        var disk = Disk()
        var isTorn: Set<Int> = []
        func holds(_ place: Int, isRemoval: Bool) -> Bool {
            let name = Pending.Name(place: place, isRemoval: isRemoval)
            return !pending.places.contains(name) || names.contains(name)
        }
        for (place, change) in zip(log.indices, log) {
            switch change {
            case .added(let node, let isDirectory): disk.add(node, isDirectory: isDirectory)
            case .linked(let directory, let name, let node):
                if holds(place, isRemoval: false) { disk.link(directory, name, node) }
            case .unlinked(let directory, let name):
                if holds(place, isRemoval: true) { disk.unlink(directory, name) }
            case .renamed(let from, let name, let to, let newName, let node):
                if holds(place, isRemoval: true) { disk.unlink(from, name) }
                if holds(place, isRemoval: false) { disk.link(to, newName, node) }
            case .appended(let bytes, let node):
                if !pending.appends.contains(place) {
                    disk.append(bytes, to: node)
                } else if isTorn.insert(node).inserted {
                    disk.append(contents[node] ?? [], to: node)
                }
            case .synchronized, .failedToSynchronize: break
            }
        }
        return disk
    }
}
