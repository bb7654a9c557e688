extension Modular {
    /// The questions that `text` states (`7 +5 *3 : 21`). Trials do not state all steps that a question offers.
    package static func identities(in text: String) -> Set<ModularPuzzle> {
        var found: Set<ModularPuzzle> = []
        let parts = Countdown.words(of: text).split {
            $0 != ":" && $0 != "=" && number($0) == nil && ModularStep($0) == nil
        }
        for part in parts where part.count >= 4 && part.dropLast().last == ":" {
            let steps = part.dropFirst().dropLast(2)
            let known = steps.compactMap { ModularStep($0) }
            guard known.count == steps.count, let start = part.first.flatMap(number),
                let target = part.last.flatMap(number)
            else { continue }
            found.insert(ModularPuzzle(start: start, steps: known, target: target))
        }
        return found
    }
}
