/// What can go wrong with a model, its files or its input.
public enum LanguageModelError: Error, Hashable, CustomStringConvertible {
    /// A file of a model directory is missing or cannot be read.
    case unreadable(path: String, reason: String)
    /// A file of a model directory does not hold what it should.
    case malformed(path: String, reason: String)
    /// config.json asks for something the engine does not do.
    case unsupported(path: String, field: String, reason: String)
    /// A model cannot have this shape.
    case shape(String)
    /// A file could not be written.
    case unwritable(path: String, reason: String)
    /// A token id is outside the vocabulary.
    case token(id: Int, vocabularySize: Int)
    /// A sequence does not fit the model's context.
    case length(tokens: Int, limit: Int)
    /// There is nothing to continue.
    case emptyPrompt
    /// The logits at a position of a sequence, counted from 0, are not finite: what comes there cannot be
    /// scored or drawn.
    case infiniteLogits(position: Int)
    /// A word has no token.
    case word(String)
    /// So much memory cannot be had.
    case memory(bytes: Int, Purpose)
    /// The loss of a step, or its gradient, is not finite; alone already for these sequences of the batch,
    /// counted from 0.
    case divergence(step: Int, quantity: Quantity, sequences: [Int])
    /// An environment variable has a value that means nothing.
    case setting(variable: String, value: String, choices: [String])
    /// OpenBLAS is asked for and cannot be used.
    case openBLAS(reason: String)

    /// What can stop being finite.
    public enum Quantity: String, Hashable, Sendable {
        /// The sum of coefficient times -log p.
        case loss
        /// The gradient's norm.
        case gradient
    }

    /// What memory is for.
    public enum Purpose: String, Hashable, Sendable {
        /// The parameters.
        case weights = "the model's weights"
        /// The parameters with gradients and moments.
        case training = "weights, gradients and moments of training"
        /// What passes through the model.
        case activations = "the activations of the longest sequence"
        /// What scoring and sampling multiply with.
        case packedWeights = "the model's weights in the form for scoring and sampling"
    }

    /// What failed, on what, and what to do about it; one line, whatever names a file holds.
    public var description: String {
        let scalars = Self.clipped(sentence).unicodeScalars.map {
            $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
        }
        return scalars.joined()
    }

    /// `text`, or its beginning and its end where a file's names make it long.
    private static func clipped(_ text: String) -> String {
        guard text.utf8.count > 2_000, text.unicodeScalars.count > 2_000 else { return text }
        return String(text.unicodeScalars.prefix(1_000)) + " … "
            + String(text.unicodeScalars.suffix(500))
    }

    private var sentence: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .malformed(let path, let reason): "\(path): \(reason)"
        case .unsupported(let path, let field, let reason): "\(path): `\(field)`: \(reason)"
        case .shape(let reason): "no model can have this shape: \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .token(let id, let size):
            "token id \(id) is outside the model's vocabulary of \(size) entries"
        case .length(let tokens, let limit):
            "a sequence of \(tokens) tokens does not fit the model's context of \(limit): shorten it, or lower the number of new tokens"
        case .emptyPrompt: "a prompt is empty: give at least one token"
        case .infiniteLogits(let position):
            "the model's logits at position \(position) of a sequence are not finite: its weights are too large or damaged"
        case .memory(let bytes, let purpose):
            "cannot get \((Double(bytes) / 1e8).rounded() / 10) GB of memory for \(purpose.rawValue): the machine has less, or the process may use less; take a smaller model or shorter sequences"
        case .setting(let variable, let value, let choices):
            "the environment variable \(variable) is '\(value)': it can be \(choices.joined(separator: " or "))"
        case .openBLAS(let reason):
            "cannot use OpenBLAS: \(reason); install Debian's libopenblas0-pthread, or set \(Products.variable)=own"
        case .word(let word): "the word '\(word)' is not in the tokenizer's vocabulary"
        case .divergence(let step, let quantity, []):
            "training diverged at step \(step): the \(quantity.rawValue) is not finite, though it is for each sequence of the batch alone; lower the learning rate"
        case .divergence(let step, let quantity, let sequences):
            "training diverged at step \(step): the \(quantity.rawValue) is not finite, alone already for sequence \(sequences.map(String.init).joined(separator: ", ")) of the batch; look at what it holds, or lower the learning rate"
        }
    }
}
