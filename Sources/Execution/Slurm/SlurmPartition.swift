/// A partition of Slurm and its limits, as `sinfo` prints them.
package struct SlurmPartition: Hashable, Sendable {
    package var name: String
    package var isDefault: Bool

    /// The word of Slurm, such as `up`.
    package var state: String

    /// In seconds; `nil` without a limit.
    package var longest: Int?
    package var nodes: Int

    /// Of the largest node.
    package var cpus: Int

    /// Of the largest node, in bytes.
    package var memory: Int

    package init(
        name: String, isDefault: Bool, state: String, longest: Int?, nodes: Int, cpus: Int,
        memory: Int
    ) {
        self.name = name
        self.isDefault = isDefault
        self.state = state
        self.longest = longest
        self.nodes = nodes
        self.cpus = cpus
        self.memory = memory
    }

    /// The format of `sinfo` that `all(in:)` reads.
    static let format = "%P|%a|%l|%D|%c|%m"

    /// The partitions in the lines of `sinfo`, which has a line for each size of nodes. Other lines are skipped.
    package static func all(in lines: [String]) -> [SlurmPartition] {
        var found: [SlurmPartition] = []
        for line in lines {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            guard fields.count == 6, let nodes = number(fields[3]), let cpus = number(fields[4]),
                let memory = number(fields[5])
            else { continue }
            let name = String(fields[0].prefix { $0 != "*" })
            guard let place = found.firstIndex(where: { $0.name == name }) else {
                found.append(
                    SlurmPartition(
                        name: name, isDefault: fields[0].hasSuffix("*"), state: String(fields[1]),
                        longest: seconds(fields[2]), nodes: nodes, cpus: cpus,
                        memory: memory << 20))
                continue
            }
            found[place].nodes += nodes
            found[place].cpus = max(found[place].cpus, cpus)
            found[place].memory = max(found[place].memory, memory << 20)
        }
        return found
    }

    /// `64`, or `64+` for nodes of different sizes; `nil` for numbers that no cluster has.
    private static func number(_ text: Substring) -> Int? {
        UInt32(text.hasSuffix("+") ? text.dropLast() : text).map { Int($0) }
    }

    /// The seconds of `30:00`, `2:00:00` or `1-00:00:00`; `nil` for `infinite`.
    private static func seconds(_ text: Substring) -> Int? {
        let parts = text.split(separator: "-")
        let days = parts.count == 2 ? number(parts[0]) : 0
        let fields = (parts.last ?? "").split(separator: ":").map(number)
        guard let days, (2...3).contains(fields.count), fields.allSatisfy({ $0 != nil }) else {
            return nil
        }
        return days * 86_400 + fields.compactMap(\.self).reduce(0) { $0 * 60 + $1 }
    }
}
