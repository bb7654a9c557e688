import Testing

@Suite(.timeLimit(.minutes(10)))
struct ShapeMistakeTests {
    @Test("A file that is a list is refused")
    func fileListRefused() {
        expect(
            """
            ⟦- a
            - b
            """,
            """
            lab/p.yaml:1:1: error: a pipeline file must be a table of `key: value`, not a list
              - a
              ^
            """)
    }

    @Test("A file without a name is reported")
    func fileWithoutNameToldSo() {
        expect(
            """
            ⟦stages:
              q:
                uses: ingest.countdown
            """,
            """
            lab/p.yaml:1:1: error: the pipeline has no `name`
              stages:
              ^
              add `name: ` with a word for the experiment
            """)
    }

    @Test("A file without stages is reported")
    func fileWithoutStagesToldSo() {
        expect(
            """
            ⟦name: p
            """,
            """
            lab/p.yaml:1:1: error: the pipeline has no stages
              name: p
              ^
              add one under `stages:`
            """)
    }

    @Test("A file with empty stages is reported")
    func fileWhoseStagesEmptyTold() {
        expect(
            """
            name: p
            ⟦stages:
            """,
            """
            lab/p.yaml:2:1: error: the pipeline has no stages
              stages:
              ^
              add one under `stages:`
            """)
    }

    @Test("An unknown key of the file gets a suggestion")
    func unknownKeyFileGetsSuggestion() {
        expect(
            """
            name: p
            ⟦stage:
              q:
                uses: ingest.countdown
            stages:
              q:
                uses: ingest.countdown
            """,
            """
            lab/p.yaml:2:1: error: a pipeline file has no key `stage`
              stage:
              ^
              did you mean `stages`?
            """)
    }

    @Test("An unknown key of a stage lists those there are")
    func unknownKeyStageListsThose() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                ⟦executor: slurm
            """,
            """
            lab/p.yaml:5:5: error: a stage has no key `executor`
                  executor: slurm
                  ^
              a stage may have `uses`, `in`, `with`, `needs`, `matrix`, `replicates`, `resources`, `retry`, `timeout` and `description`
            """)
    }

    @Test("A name that is a number is refused")
    func nameNumberRefused() {
        expect(
            """
            name: ⟦3
            stages:
              q:
                uses: ingest.countdown
            """,
            """
            lab/p.yaml:1:7: error: `name` must be a text, not `3`
              name: 3
                    ^
              put it in quotes
            """)
    }

    @Test("A stage that is a text is refused")
    func stageTextRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              r: ⟦train
            """,
            """
            lab/p.yaml:5:6: error: the stage `r` must be a table of `key: value`, not the text "train"
                r: train
                   ^
            """)
    }

    @Test("A stage name with a dot is refused")
    func stageNameWithDotRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              ⟦a.b:
                uses: ingest.countdown
            """,
            """
            lab/p.yaml:5:3: error: `a.b` cannot be the name of a stage
                a.b:
                ^
              use letters, digits, `_` and `-`, and start with a letter
            """)
    }

    @Test("A stage without a kind is reported")
    func stageWithoutKindToldSo() {
        expect(
            """
            name: p
            stages:
              ⟦q:
                with: {}
            """,
            """
            lab/p.yaml:3:3: error: the stage `q` has no `uses`
                q:
                ^
              add `uses: ` with a stage kind
            """)
    }

    @Test("An unknown stage kind gets a suggestion")
    func unknownStageKindGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: ⟦train.stf
            """,
            """
            lab/p.yaml:6:11: error: there is no stage kind `train.stf`
                  uses: train.stf
                        ^
              did you mean `train.sft`?
            """)
    }

    @Test("A stage kind like no other lists those there are")
    func stageKindLikeNoOther() {
        expect(
            """
            name: p
            stages:
              t:
                uses: ⟦magic
            """,
            """
            lab/p.yaml:4:11: error: there is no stage kind `magic`
                  uses: magic
                        ^
              the kinds are `ingest.countdown`, `train.sft`, `sample.traces`, `weigh` and `command`
            """)
    }

    @Test("An unknown resource gets a suggestion")
    func unknownResourceGetsSuggestion() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { ⟦cpu: 2 }
            """,
            """
            lab/p.yaml:5:18: error: `resources` has no key `cpu`
                  resources: { cpu: 2 }
                               ^
              did you mean `cpus`?
            """)
    }

    @Test("The name that another tool has for a resource is not taken for a pool")
    func foreignResource() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { ⟦mem: 4000 }
            """,
            """
            lab/p.yaml:5:18: error: `resources` has no key `mem`
                  resources: { mem: 4000 }
                               ^
              `resources` may have `cpus`, `gpus`, `memory`, `time` and `nodes`
            """)
    }

    @Test("A memory without a unit that is known is refused")
    func memoryWithoutUnitKnownRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { memory: ⟦2 gigs }
            """,
            """
            lab/p.yaml:5:26: error: `memory` must be a size such as `2GB` or `512MiB`, not the text "2 gigs"
                  resources: { memory: 2 gigs }
                                       ^
            """)
    }

    @Test("A time without a unit is refused")
    func timeWithoutUnitRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { time: ⟦90 }
            """,
            """
            lab/p.yaml:5:24: error: `time` must be a time such as `30m`, `2h` or `1d12h`, not `90`
                  resources: { time: 90 }
                                     ^
            """)
    }

    @Test("No processors are refused")
    func noProcessorsRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { cpus: ⟦0 }
            """,
            """
            lab/p.yaml:5:24: error: `cpus` must be a whole number from 1, not `0`
                  resources: { cpus: 0 }
                                     ^
            """)
    }

    @Test("A resource that is a list is refused")
    func resourceListRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { cpus: ⟦[1] }
            """,
            """
            lab/p.yaml:5:24: error: `cpus` must be a whole number from 1, not a list
                  resources: { cpus: [1] }
                                     ^
            """)
    }

    @Test("A pool that counts nothing is refused")
    func poolThatCountsNothingRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { gpu: ⟦0 }
            """,
            """
            lab/p.yaml:5:23: error: `gpu` must be a whole number of units from 1, not `0`
                  resources: { gpu: 0 }
                                    ^
            """)
    }

    @Test("A pool whose name cannot be typed is refused")
    func poolNameRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                resources: { ⟦"my gpu": 1 }
            """,
            """
            lab/p.yaml:5:18: error: `my gpu` cannot be the name of a pool
                  resources: { "my gpu": 1 }
                               ^
              use letters, digits, `_` and `-`, and start with a letter
            """)
    }

    @Test("A retry that is no small number is refused", arguments: ["-1", "1.5", "101"])
    func retryRefused(count: String) {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                retry: ⟦\(count)
            """,
            """
            lab/p.yaml:5:12: error: `retry` must be a whole number from 0 to 100, not `\(count)`
                  retry: \(count)
                         ^
            """)
    }

    @Test("A timeout without a unit is refused")
    func timeoutWithoutUnitRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                timeout: ⟦90
            """,
            """
            lab/p.yaml:5:14: error: `timeout` must be a time such as `30m`, `2h` or `1d12h`, not `90`
                  timeout: 90
                           ^
            """)
    }
}
