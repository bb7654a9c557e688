/// Descriptions of how figures and their intervals are computed.
enum Methodology {
    /// The probability of a wrong finding that tests allow.
    static let level = 0.05

    static let paired = "mean paired difference, 95% Student interval"
    static let mean = "mean, 95% Student interval"
    static let share = "share, 95% Wilson interval"
    static let slope = "least squares, 95% Student interval"
    static let errors = "least squares over bins, 95% interval from the bins' standard errors"

    /// For a single replicate.
    static func alone(_ what: String, questions: Int) -> String {
        "\(what) over \(questions) questions of one replicate, which says nothing of others"
    }

    static func replicates(_ count: Int) -> String {
        "mean over \(count) replicates, 95% Student interval"
    }

    static func twoWay(replicates: Int, questions: Int) -> String {
        "mean paired difference, 95% two-way interval over \(replicates) replicates and \(questions) questions"
    }

    static func ownQuestions(replicates: Int) -> String {
        "mean over \(replicates) replicates of paired differences, each on questions of its own, 95% Student interval"
    }

    static func median(replicates: Int, confidence: Double) -> String {
        let percent = (1e4 * confidence).rounded() / 100
        return
            "median over \(replicates) replicates of their mean paired differences, \(percent)% interval of the sign test, for these questions"
    }

    static func points(_ count: Int) -> String { "\(slope), over \(count) points of one replicate" }

    static func exact(_ count: Int) -> String {
        "exact sums over the traces and answers of \(count) enumerated models"
    }

    static func within(_ tolerance: Double, _ yardstick: String) -> String {
        "\(yardstick); tolerance \(tolerance)"
    }

    static func band(_ points: Double, _ yardstick: String) -> String {
        "\(yardstick); holds within \(points) points of 0"
    }

    static let theorem = "the worst variances as functions of p; tolerance 1e-06"

    static func errors(_ count: Int) -> String {
        "the largest of \(count) distances over Student's bound at 5% for all together; holds up to 1"
    }

    static let noInterval = "one replicate, without an interval"
}
