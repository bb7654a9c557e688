/// The functions of SQLite that an expression may use: those whose value follows from their arguments alone.
/// What tells the time, draws random numbers, counts changes or loads programs is not among them, nor what
/// later versions bring.
enum RowFunctions {
    static let all: Set<String> = [
        // Of texts.
        "char", "format", "glob", "hex", "instr", "length", "like", "lower", "ltrim", "printf",
        "replace", "rtrim", "substr", "substring", "trim", "unicode", "upper",
        // Of numbers.
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos",
        "cosh", "degrees", "exp", "floor", "ln", "log", "log10", "log2", "mod", "pi", "pow",
        "power", "radians", "round", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
        // Of anything.
        "coalesce", "ifnull", "iif", "max", "min", "nullif", "typeof",
        // Of JSON.
        "->", "->>", "json_array_length", "json_extract", "json_type", "json_valid",
        // Of several rows, in a subquery.
        "avg", "count", "dense_rank", "ntile", "percent_rank", "rank", "row_number", "sum", "total",
    ]
}
