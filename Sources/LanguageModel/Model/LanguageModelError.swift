/// Errors of models, their files and their input.
public enum LanguageModelError: Error, Hashable, CustomStringConvertible {
    /// A file of a model directory is missing or cannot be read.
    case unreadable(path: String, reason: String)
    /// A file of a model directory has invalid content.
    case malformed(path: String, reason: String)
    /// config.json has a value that the engine does not support.
    case unsupported(path: String, field: String, reason: String)
    /// The shape of the model is invalid.
    case shape(String)
    /// A file could not be written.
    case unwritable(path: String, reason: String)
    /// A token id is outside the vocabulary.
    case token(id: Int, vocabularySize: Int)
    /// A sequence is longer than the context of the model.
    case length(tokens: Int, limit: Int)
    /// A prompt is empty.
    case emptyPrompt
    /// The logits at a position of a sequence, counted from 0, are not finite, so the next token cannot be
    /// scored or sampled.
    case infiniteLogits(position: Int)
    /// A word has no token.
    case word(String)
    /// The memory cannot be allocated.
    case memory(bytes: Int, Purpose)
    /// The loss of a step or its gradient is not finite. `sequences` are the indices, from 0, of those
    /// sequences of the batch for which this holds on their own.
    case divergence(step: Int, quantity: Quantity, sequences: [Int])
    /// An environment variable has an invalid value.
    case setting(variable: String, value: String, choices: [String])
    /// OpenBLAS was requested and cannot be used.
    case openBLAS(reason: String)

    /// The quantity that is not finite.
    public enum Quantity: String, Hashable, Sendable {
        /// The sum of coefficient times -log p.
        case loss
        /// The norm of the gradient.
        case gradient
    }

    /// The purpose of an allocation.
    public enum Purpose: String, Hashable, Sendable {
        /// The parameters.
        case weights = "the model's weights"
        /// The parameters with their gradients and the moments of the optimizer.
        case training = "weights, gradients and moments of training"
        /// The activations of the model.
        case activations = "the activations of the longest sequence"
        /// The packed matrices for scoring and sampling.
        case packedWeights = "the model's weights in the form for scoring and sampling"
    }

    /// The error as one line: what failed, where, and the remedy. Control characters are escaped.
    public var description: String {
        let scalars = Self.clipped(sentence).unicodeScalars.map {
            $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
        }
        return scalars.joined()
    }

    /// `text`, shortened in the middle if it is long, as with long names of tensors.
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
        case .shape(let reason): "the model cannot have this shape: \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .token(let id, let size):
            "token id \(id) is outside the model's vocabulary of \(size) entries"
        case .length(let tokens, let limit):
            "a sequence of \(tokens) tokens does not fit the model's context of \(limit): shorten it, or lower the number of new tokens"
        case .emptyPrompt: "a prompt is empty: give at least one token"
        case .infiniteLogits(let position):
            "the model's logits at position \(position) of a sequence are not finite: its weights are too large or damaged"
        case .memory(let bytes, let purpose):
            "cannot allocate \((Double(bytes) / 1e8).rounded() / 10) GB of memory for \(purpose.rawValue): the machine has less, or the process has a lower limit; use a smaller model or shorter sequences"
        case .setting(let variable, let value, let choices):
            "the environment variable \(variable) is '\(value)': it must be \(choices.joined(separator: " or "))"
        case .openBLAS(let reason):
            "cannot use OpenBLAS: \(reason); install Debian's libopenblas0-pthread, or set \(Products.variable)=own"
        case .word(let word): "the word '\(word)' is not in the tokenizer's vocabulary"
        case .divergence(let step, let quantity, []):
            "training diverged at step \(step): the \(quantity.rawValue) of the batch is not finite, but that of each sequence alone is; lower the learning rate"
        case .divergence(let step, let quantity, let sequences):
            "training diverged at step \(step): the \(quantity.rawValue) is not finite, even for sequence \(sequences.map(String.init).joined(separator: ", ")) of the batch alone; check its content, or lower the learning rate"
        }
    }
}
