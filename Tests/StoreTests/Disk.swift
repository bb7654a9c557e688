/// The directories and files of a simulated disk, by number; 0 is the topmost directory.
struct Disk: Hashable {
    enum Node: Hashable {
        case directory([String: Int])
        case file([UInt8])

        func hash(into hasher: inout Hasher) {
            switch self {
            case .directory(let names): hasher.combine(names)
            // An array would be taken in byte by byte.
            case .file(let bytes): bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
            }
        }
    }

    private(set) var nodes: [Int: Node] = [0: .directory([:])]

    /// The number of what lies at a relative path; `nil` if nothing does.
    func find(_ path: String) -> Int? {
        var node = 0
        for name in path.split(separator: "/") {
            guard case .directory(let names)? = nodes[node], let next = names[String(name)] else {
                return nil
            }
            node = next
        }
        return node
    }

    func names(_ node: Int) -> [String: Int] {
        if case .directory(let names)? = nodes[node] { names } else { [:] }
    }

    func content(_ node: Int) -> [UInt8]? {
        if case .file(let bytes)? = nodes[node] { bytes } else { nil }
    }

    func content(_ path: String) -> [UInt8]? { find(path).flatMap(content) }

    /// Every file that can be reached, by its path.
    var files: [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        func visit(_ node: Int, _ path: String) {
            for (name, child) in names(node) {
                if let bytes = content(child) { found[path + name] = bytes }
                visit(child, path + name + "/")
            }
        }
        visit(0, "")
        return found
    }

    /// Only what can be reached, numbered by its place: equal for disks that look equal.
    var visible: Disk {
        var copy = Disk()
        func visit(_ node: Int, as number: Int) {
            var names: [String: Int] = [:]
            for (name, child) in self.names(node).sorted(by: { $0.key < $1.key }) {
                let next = copy.nodes.count
                names[name] = next
                copy.nodes[next] = content(child).map { .file($0) } ?? .directory([:])
                visit(child, as: next)
            }
            if case .directory? = nodes[node] { copy.nodes[number] = .directory(names) }
        }
        visit(0, as: 0)
        return copy
    }

    mutating func add(_ node: Int, isDirectory: Bool) {
        nodes[node] = isDirectory ? .directory([:]) : .file([])
    }

    mutating func link(_ directory: Int, _ name: String, _ node: Int) {
        var names = names(directory)
        names[name] = node
        nodes[directory] = .directory(names)
    }

    mutating func unlink(_ directory: Int, _ name: String) {
        var names = names(directory)
        names[name] = nil
        nodes[directory] = .directory(names)
    }

    mutating func append(_ bytes: [UInt8], to node: Int) {
        nodes[node] = .file((content(node) ?? []) + bytes)
    }
}

/// What happened to a simulated disk, in the order the program asked for it.
enum Change: Hashable {
    case added(Int, isDirectory: Bool)
    case linked(directory: Int, name: String, node: Int)
    case unlinked(directory: Int, name: String)
    case renamed(from: Int, name: String, to: Int, newName: String, node: Int)
    case appended([UInt8], to: Int)
    case synchronized(Int)
    /// What was written before may be gone: a later synchronization does not bring it back.
    case failedToSynchronize(Int)
}
