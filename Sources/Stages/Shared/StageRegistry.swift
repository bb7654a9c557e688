import Pipeline

/// Every kind of stage that pipelines can use.
package enum StageRegistry {
    package static let stages: [any Stage.Type] = [
        IngestCountdown.self, IngestModular.self, IngestJSONL.self, IngestJSON.self,
        IngestCSV.self, IngestModel.self,
        TrainTokenizer.self, TrainPretrain.self, TrainSFT.self, TrainPosterior.self,
        TrainReverseKL.self, TrainRFT.self, TrainRL.self,
        TrainExternal.self,
        SampleTraces.self, SampleRollouts.self, SampleAnswers.self, ScoreTraces.self,
        FilterTraces.self, FilterQuestions.self, FilterExamples.self, InspectTraces.self,
        VerifyAnswers.self, WeighTraces.self,
        BuildDataset.self, EvaluateModel.self, SelectModel.self, StudyGradients.self,
        ReportClaims.self,
        CommandStage.self,
    ]

    package static let kinds: [StageKind] = stages.map { $0.kind }

    /// The stage type of a stage kind; `nil` if there is none.
    package static func stage(named name: String) -> (any Stage.Type)? {
        stages.first { $0.kind.name == name }
    }
}
