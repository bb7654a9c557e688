extension Resources {
    /// Bytes in readable form: `4 GB`, `5.1 GB`, `512 MB`.
    package static func text(bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var (value, place) = (Double(bytes), 0)
        // A value that rounds to 1000 is written in the next unit.
        while value >= 999.5, place < units.count - 1 {
            value /= 1000
            place += 1
        }
        let tenths = (value * 10).rounded()
        let isWhole = value >= 100 || tenths.truncatingRemainder(dividingBy: 10) == 0
        return "\(isWhole ? "\(Int(value.rounded()))" : "\(tenths / 10)") \(units[place])"
    }

    /// A duration in the notation of pipeline files: `90s`, `1h30m`.
    package static func text(_ duration: Duration) -> String {
        var rest = duration.components.seconds
        // Durations below two minutes are in seconds, such as 90s.
        if rest < 120 { return "\(rest)s" }
        var text = ""
        for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] as [(_, Int64)]
        where rest >= seconds {
            text += "\(rest / seconds)\(unit)"
            rest %= seconds
        }
        return text
    }
}
