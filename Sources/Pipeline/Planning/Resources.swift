/// The resources that a stage needs. Only the scheduler uses them; they are not part of the cache key.
package struct Resources: Hashable, Sendable {
    package var cpus = 1
    package var gpus: Int?

    /// Bytes.
    package var memory: Int?
    package var time: Duration?
    package var nodes: Int?

    /// The units that the stage takes of user-defined pools, such as `gpu` or the licences of a program.
    package var pools: [String: Int] = [:]

    package init(
        cpus: Int = 1, gpus: Int? = nil, memory: Int? = nil, time: Duration? = nil,
        nodes: Int? = nil, pools: [String: Int] = [:]
    ) {
        self.cpus = cpus
        self.gpus = gpus
        self.memory = memory
        self.time = time
        self.nodes = nodes
        self.pools = pools
    }

    /// Parses a size such as `2GB` or `512MiB`. `nil` for anything else, also for a plain number, which other tools take
    /// for megabytes.
    package static func bytes(_ text: String) -> Int? {
        let units = [
            "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000,
            "TB": 1_000_000_000_000, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30,
            "TIB": 1 << 40,
        ]
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[digits.endIndex...].drop { $0 == " " }.uppercased()
        guard let number = Double(digits), let factor = units[unit] else { return nil }
        let bytes = (number * Double(factor)).rounded()
        return bytes >= 1 && bytes < 1e18 ? Int(bytes) : nil
    }

    /// Parses a duration such as `90s`, `30m`, `2h`, `1d`, or a sequence such as `1h30m`; `nil` for anything else.
    package static func duration(_ text: String) -> Duration? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        var seconds = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
            } else {
                guard let number = Int(digits), number < 1_000_000, let factor = units[character]
                else { return nil }
                seconds += number * factor
                digits = ""
            }
        }
        return seconds > 0 && digits.isEmpty ? .seconds(seconds) : nil
    }
}
