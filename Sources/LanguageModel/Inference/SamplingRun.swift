import CKernels

/// Samples a list of requests. The leader of a thread team plans each step, and all members execute it. A
/// class, because the team shares it. Only the leader changes it, while the others wait.
final class SamplingRun {
    /// Samples of one request that are decoded together; their prompt is computed in the slot of the first.
    private struct Group {
        let request: Int
        let sequences: [Sequence]
        /// The number of prompt tokens that were computed.
        var done = 0
    }

    private struct Sequence {
        let request, sample, slot: Int
        let random: CounterRandom
        var position: Int
        var token: Int32 = 0
        /// The logits from which its next token is drawn.
        var logits: UnsafeMutablePointer<Float>?
    }

    private let options: SamplingOptions
    private let requests: [SamplingRequest]
    private let vocabulary: Int
    private let threads: Int
    private let decoder: Decoder
    private let text: (([Int32]) throws -> String)?
    private let stopTexts: StopTexts
    private let distributions: [TokenDistribution]
    private let draws: UnsafeMutablePointer<TokenDistribution.Draw>
    private let slots: Int

    private var prompts: [Group] = []
    private var active: [Sequence] = []
    private var drawing: [Sequence] = []
    private var copies: [(count: Int, from: Int, to: Int)] = []
    private var free: [Int]
    private var next = (request: 0, sample: 0)
    /// The prompt of a request whose samples did not all find a slot. It is kept in a slot of its own.
    private var held: (request: Int, slot: Int, logits: FloatBuffer)?
    private var continuations: [[Continuation]]
    private var isDone = false
    private var failure: (any Error)?

    /// The number of prompt tokens that are computed together, in addition to the next tokens of the slots.
    static let promptRows = 192

    init(
        _ model: Transformer, _ weights: PackedWeights, _ requests: [SamplingRequest],
        _ options: SamplingOptions, slots: Int, capacity: Int, threads: Int,
        text: (([Int32]) throws -> String)?
    ) {
        self.options = options
        self.requests = requests
        self.threads = threads
        self.slots = slots
        self.text = text
        stopTexts = StopTexts(options.stopTexts)
        vocabulary = model.configuration.vocabularySize
        let prompts = requests.reduce(0) { $0 + $1.prompt.count }
        decoder = Decoder(
            model, weights, rows: slots + min(Self.promptRows, prompts), logitRows: slots,
            slots: slots + 2, capacity: capacity, threads: threads)
        let size = vocabulary
        distributions = (0..<threads).map { _ in TokenDistribution(options, vocabulary: size) }
        draws = .allocate(capacity: slots)
        draws.initialize(repeating: .init(), count: slots)
        free = Array((0..<slots).reversed())
        continuations = requests.map { Array(repeating: Continuation(), count: $0.count) }
    }

    deinit { draws.deallocate() }

    var cacheFloats: Int { decoder.cache.floats }

    /// Excludes the logits of a held prompt.
    var activationFloats: Int {
        decoder.floats + distributions.reduce(0) { $0 + $1.floats }
    }

    /// The continuations of each request. Throws if logits are not finite, and rethrows errors of `text`.
    func results() throws -> [[Continuation]] {
        guard options.maxTokens > 0 else { return continuations }
        ThreadTeam.run(threads: threads) { member in
            while true {
                if member.index == 0 { plan() }
                member.wait()
                if isDone { return }
                step(member)
                member.wait()
                if member.index == 0 { record() }
            }
        }
        if let failure { throw failure }
        return continuations
    }

    // MARK: Executed by every member

    private func step(_ member: ThreadTeam.Member) {
        if !copies.isEmpty {
            for index in member.share(of: copies.count) {
                decoder.cache.copy(
                    copies[index].count, from: copies[index].from, to: copies[index].to)
            }
            member.wait()
        }
        if decoder.count > 0 { decoder.advance(member) }
        for index in member.share(of: drawing.count) {
            let sequence = drawing[index]
            guard let logits = sequence.logits else { continue }
            let length = sequence.position - requests[sequence.request].prompt.count
            draws[index] = distributions[member.index].draw(
                logits, sequence.random.unit(UInt64(length)))
        }
    }

    // MARK: Executed by the leader

    /// Describes the next step: one token of every active sequence, and prompt tokens as far as there is room.
    private func plan() {
        admit()
        decoder.begin()
        drawing = []
        for sequence in active {
            var sequence = sequence
            let row = decoder.add(
                sequence.token, at: sequence.position - 1, slot: sequence.slot, isPrompt: false,
                wantsLogits: true)
            sequence.logits = row.map(decoder.pass.logits)
            drawing.append(sequence)
        }
        active = []
        var waiting: [Group] = []
        for group in prompts {
            if let held, held.request == group.request {
                draw(group.sequences, from: held.logits.pointer)
                continue
            }
            guard let group = advance(group) else { continue }
            waiting.append(group)
        }
        prompts = waiting
        isDone = drawing.isEmpty && decoder.count == 0 || failure != nil
    }

    /// Adds prompt tokens of the group to the step. Returns the group if prompt tokens are left.
    private func advance(_ group: Group) -> Group? {
        var group = group
        let prompt = requests[group.request].prompt
        let end = min(prompt.count, group.done + decoder.room)
        var row: Int?
        for position in group.done..<end {
            row = decoder.add(
                prompt[position], at: position, slot: group.sequences[0].slot, isPrompt: true,
                wantsLogits: position == prompt.count - 1)
        }
        group.done = end
        guard let row else { return group }
        draw(group.sequences, from: decoder.pass.logits(row))
        return nil
    }

    /// Lets the step draw the first token of each sequence from the same logits.
    private func draw(_ sequences: [Sequence], from logits: UnsafeMutablePointer<Float>) {
        drawing += sequences.map {
            var sequence = $0
            sequence.logits = logits
            return sequence
        }
    }

    /// Assigns free slots to the next samples, in order.
    private func admit() {
        while !free.isEmpty, next.request < requests.count {
            let request = requests[next.request]
            let count = min(free.count, request.count - next.sample)
            guard count > 0 else {
                next = (next.request + 1, 0)
                continue
            }
            // The prompt of a request that was just started is not held yet, so its other samples wait for one
            // step.
            if next.sample > 0, held?.request != next.request { return }
            let sequences = (next.sample..<(next.sample + count)).map { sample in
                Sequence(
                    request: next.request, sample: sample, slot: free.removeLast(),
                    random: CounterRandom(
                        seed: options.seed,
                        streams: request.stream, UInt64(request.firstSample + sample)),
                    position: request.prompt.count)
            }
            prompts.append(Group(request: next.request, sequences: sequences))
            next.sample += count
        }
    }

    /// Appends the drawn tokens and frees the slots of finished sequences.
    private func record() {
        copies = []
        var sources: [Int: Int] = [:]
        for (index, entry) in drawing.enumerated() {
            var sequence = entry
            let prompt = requests[sequence.request].prompt.count
            if sequence.position == prompt {
                share(&sources, sequence)
            }
            guard draws[index].token >= 0 else {
                failure = LanguageModelError.infiniteLogits(position: sequence.position)
                return
            }
            sequence.token = draws[index].token
            sequence.position += 1
            if isComplete(sequence, draws[index]) {
                free.append(sequence.slot)
            } else {
                active.append(sequence)
            }
        }
    }

    /// After its first token, a sequence needs the keys and values of the prompt in its own slot.
    private func share(_ sources: inout [Int: Int], _ sequence: Sequence) {
        let request = sequence.request
        let count = requests[request].prompt.count
        if let source = sources[request] {
            copies.append((count, source, sequence.slot))
        } else if let held, held.request == request {
            sources[request] = held.slot
            copies.append((count, held.slot, sequence.slot))
        } else {
            sources[request] = sequence.slot
            guard request == next.request, next.sample < requests[request].count,
                let logits = sequence.logits
            else { return }
            let buffer = FloatBuffer(count: vocabulary)
            buffer.pointer.update(from: logits, count: vocabulary)
            // Alternate between two slots: the prompt that was held before may be copied in the same step.
            let slot = held?.slot == slots ? slots + 1 : slots
            held = (request, slot, buffer)
            copies.append((count, sequence.slot, slot))
        }
    }

    private func isComplete(_ sequence: Sequence, _ draw: TokenDistribution.Draw) -> Bool {
        let (request, sample) = (sequence.request, sequence.sample)
        continuations[request][sample].tokens.append(draw.token)
        continuations[request][sample].logProbabilities.append(draw.logProbability)
        continuations[request][sample].sampledLogProbabilities.append(draw.sampledLogProbability)
        if options.stopTokens.contains(draw.token) {
            continuations[request][sample].finish = .stop
            return true
        }
        do {
            if let stop = try stopText(continuations[request][sample].tokens) {
                continuations[request][sample].finish = .stop
                continuations[request][sample].stopText = stop
                return true
            }
        } catch {
            failure = error
            return true
        }
        return continuations[request][sample].tokens.count == requests[request].limit(options)
    }

    /// The stop text that the last token completed. Decodes as many tokens at the end as a stop text can span:
    /// more if some have no text, and a few extra bytes, because the first character may be cut.
    private func stopText(_ tokens: [Int32]) throws -> String? {
        guard let text, stopTexts.longest > 0 else { return nil }
        let needed = stopTexts.longest + 9
        let last = try text(tokens.suffix(1)).utf8.count
        var count = needed + 1
        var tail = try text(tokens.suffix(count))
        while count < tokens.count, tail.utf8.count - last < needed {
            count *= 2
            tail = try text(tokens.suffix(count))
        }
        return stopTexts.first(in: tail)?.text
    }
}
