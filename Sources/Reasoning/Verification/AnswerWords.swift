/// Classifies words next to a number.
enum AnswerWords {
    /// Whether a word after a number, in `\text{}` or in prose, can be its unit: it looks like a word and does
    /// not change the number.
    static func canBeUnit(_ word: ArraySlice<UInt8>) -> Bool {
        let spelled = String(decoding: word.prefix(16), as: UTF8.self)
        if isUnit(spelled) { return true }
        let small = spelled.lowercased()
        return word.count > 2 && !changesNumber(small) && hasVowel(word)
    }

    /// Whether a word outside `\text{}` is a unit and not a product of variables such as `abc`.
    static func isPlainUnit(_ word: ArraySlice<UInt8>) -> Bool {
        guard canBeUnit(word) else { return false }
        let spelled = String(decoding: word.prefix(16), as: UTF8.self)
        return isUnit(spelled) || common.contains(spelled.lowercased())
            || word.count > 3 && word.last == UInt8(ascii: "s") && word.allSatisfy { $0 >= 97 }
    }

    static func isUnit(_ word: String) -> Bool { units.contains(word) || letters.contains(word) }

    /// Whether the word is a unit that may follow its number without a blank.
    static func isTouchingUnit(_ word: String) -> Bool { units.contains(word) }

    /// Whether the word after a number changes it or makes it no number. The word is lower-case.
    static func changesNumber(_ word: String) -> Bool {
        // `sinx` is not a word, but `cost` is.
        changing.contains(word) || functions.contains(word)
            || "xyzabnu".contains(word.last ?? " ") && functions.contains(String(word.dropLast()))
    }

    /// Whether the word before a number means that the number is not an answer.
    static func deniesNumber(_ word: String) -> Bool {
        denying.contains(word) || functions.contains(word)
    }

    /// Whether the word denotes a number, such as `seven` or `half`.
    static func isNumber(_ word: String) -> Bool { numbers.contains(word) }

    /// Whether the word is a currency, which may precede a number.
    static func isCurrency(_ word: String) -> Bool {
        ["rs", "usd", "eur", "gbp", "inr", "us", "rm"].contains(word.lowercased())
    }

    private static func hasVowel(_ word: ArraySlice<UInt8>) -> Bool {
        word.contains { "aeiouAEIOU".utf8.contains($0) || $0 >= 0x80 }
    }

    private static let functions: Set<String> = [
        "pi", "sqrt", "sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "mod", "gcd",
        "lcm", "max", "min", "lim", "det", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
    ]

    private static let numbers: Set<String> = [
        "a", "half", "halves", "third", "thirds", "quarter", "quarters", "fourth", "fourths",
        "fifth", "fifths", "sixth", "sixths", "seventh", "sevenths", "eighth", "eighths", "ninth",
        "ninths", "tenth", "tenths", "hundredth", "hundredths", "thousandth", "thousandths",
        "millionth", "millionths", "one", "two", "three", "four", "five", "six", "seven", "eight",
        "nine", "ten", "eleven", "twelve", "twenty", "thirty", "forty", "fifty", "sixty",
        "seventy", "eighty", "ninety", "hundreds", "thousands", "millions", "billions",
        "trillions", "lakhs", "crores", "grand", "tens", "permille", "dozen", "dozens", "score",
        "gross", "pair", "pairs",
    ]

    private static let changing: Set<String> = numbers.subtracting(["a"]).union([
        "or", "and", "to", "times", "plus", "minus", "over", "more", "less", "fewer", "than",
        "greater", "least", "most", "not", "nor", "neither", "either", "except", "without",
        "squared", "cubed", "factorial", "double", "twice", "triple", "power", "root", "radical",
        "base", "modulo", "divided", "multiplied", "raised", "choose", "remainder", "repeating",
        "recurring", "negative", "point", "below", "above", "under", "through", "until",
        "onwards", "up", "down", "between", "nearly", "almost", "reciprocal", "inverse", "infinity",
        "imaginary",
        "approximately", "wrong", "incorrect", "unless", "doubled", "tripled", "halved",
        "theta", "alpha", "beta", "gamma", "delta", "lambda", "omega", "sigma", "phi", "psi",
        "rho", "tau", "binary", "hex", "hexadecimal", "octal", "decimal", "equals", "thirds",
    ])

    private static let denying: Set<String> = [
        "not", "never", "cannot", "than", "least", "most", "between", "either", "neither", "nor",
        "negative", "minus", "plus", "times", "except", "over", "under", "below", "above",
        "within", "exceed", "exceeds", "exceeding", "root", "base", "modulo", "without", "beyond",
        "unlike", "until", "half", "twice", "double", "divided", "point",
    ]

    private static let common: Set<String> = [
        "people", "men", "women", "children", "degree", "feet", "foot", "inch", "mile", "meter",
        "metre", "liter", "litre", "gram", "hour", "minute", "second", "day", "week", "month",
        "year", "cent", "dollar", "euro", "percent", "percentage", "unit", "cup", "apple", "book",
        "square",
        "cubic", "mph", "kph", "cups", "km/h", "sheep", "fish", "kilometer", "centimeter",
        "student", "way", "gallon", "pound", "ounce", "mole", "mol", "yard", "radian", "rad",
        "deg", "pounds", "yen", "rupee", "joule", "newton", "watt", "volt", "mice", "geese",
    ]

    /// Units of two letters, and those that may follow a number without a blank.
    private static let units: Set<String> = [
        "nm", "mm", "cm", "dm", "km", "sq", "cu", "in", "ft", "yd", "mi", "ha", "ml", "mL", "cl",
        "dl", "cc", "mg", "kg", "oz", "lb", "lbs", "ms", "hr", "hrs", "min", "mins", "sec",
        "secs", "am", "pm",
        "AM", "PM", "pct", "Hz", "Pa", "kJ", "kW", "MW", "kB", "KB", "MB", "GB", "TB",
    ]

    /// Units of one letter.
    private static let letters: Set<String> = [
        "m", "g", "s", "h", "l", "L", "N", "J", "W", "V", "A", "C", "F", "K",
    ]
}
