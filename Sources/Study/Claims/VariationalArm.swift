import VariationalInference

/// The settings in labels such as `variational-accuracy-argmax-mix`.
package struct VariationalArm: Hashable {
    static let documentation =
        "variational-E-S-M with E accuracy, geometric-mean or likelihood, S normalized or argmax and M mix or no-mix"

    var estimator: AnswerEstimator
    var isArgmax: Bool
    var isMixed: Bool

    package init(
        _ estimator: AnswerEstimator = .accuracy, isArgmax: Bool = true, isMixed: Bool = true
    ) {
        self.estimator = estimator
        self.isArgmax = isArgmax
        self.isMixed = isMixed
    }

    /// `nil` for other labels.
    init?(label: String) {
        for estimator in AnswerEstimator.allCases {
            for (isArgmax, isMixed) in [(true, true), (true, false), (false, true), (false, false)]
            {
                self.init(estimator, isArgmax: isArgmax, isMixed: isMixed)
                if label == self.label { return }
            }
        }
        return nil
    }

    package var label: String {
        "variational-\(estimator.rawValue)-\(isArgmax ? "argmax" : "normalized")-\(isMixed ? "mix" : "no-mix")"
    }

    func with<Value>(_ part: WritableKeyPath<Self, Value>, _ value: Value) -> Self {
        var arm = self
        arm[keyPath: part] = value
        return arm
    }
}
