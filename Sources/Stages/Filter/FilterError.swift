import Pipeline
import RowQuery

/// A failure of a filter.
enum FilterError: LastingError, CustomStringConvertible, Hashable {
    case unusedInput(String, option: String)
    case crossedLimits(String, Int, String, Int)
    case badPredicate(RowQueryError)

    var description: String {
        switch self {
        case .unusedInput(let input, let option):
            "the input `\(input)` is used only with `\(option)`: set `\(option)`, or leave the input out"
        case .crossedLimits(let least, let lower, let most, let upper):
            "`\(least)` is \(lower), but `\(most)` is \(upper): no count satisfies both"
        case .badPredicate(let error): "`where` cannot be used: \(error)"
        }
    }

    var isLasting: Bool { true }
}
