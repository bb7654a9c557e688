/// An evaluation with so many correct answers of `samples` to each question; its directory.
func evaluation(
    _ bench: Bench, _ label: String, replicate: Int? = nil, _ correct: [Int],
    samples: Int = 4, prefix: String = "q"
) throws -> String {
    let directory = "\(label).\(replicate.map(String.init) ?? "none")"
    let number = replicate.map(String.init) ?? "null"
    let value = Double(correct.reduce(0, +)) / Double(correct.count * samples)
    try bench.write(
        [
            #"{"label":"\#(label)","replicate":\#(number),"measure":"avg@\#(samples)","value":\#(value),"low":0,"high":1,"questions":\#(correct.count),"samples":\#(samples)}"#
        ], to: "\(directory)/evaluations.jsonl")
    try bench.write(
        correct.enumerated().flatMap { question, count in
            (0..<samples).map { sample in
                #"{"question":"\#(prefix)\#(question)","sample":\#(sample),"correct":\#(sample < count)}"#
            }
        }, to: "\(directory)/rollouts.jsonl")
    return directory
}
