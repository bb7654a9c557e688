import Execution
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SlurmTextTests {
    private var profile: Profile {
        var profile = Profile(name: "cluster", system: .slurm)
        profile.partition = "main"
        profile.pools = ["licence": "--licenses=solver:{units}"]
        profile.options = ["--qos=normal"]
        profile.concurrentTasks = 5
        return profile
    }

    private var submission: Submission {
        var needs = TaskNeeds()
        needs.cpus = 4
        needs.gpus = 2
        needs.memory = 3 << 30
        needs.seconds = 5_401
        needs.pools = ["licence": 1]
        needs.variables = ["TOKEN"]
        return Submission(name: "vireo-0a1b2c3d-x", list: "/s/arrays/x", count: 12, needs: needs)
    }

    @Test("What a stage needs becomes arguments of sbatch; only its own variables reach the job")
    func arguments() {
        #expect(
            SlurmText.arguments(submission, profile, log: "/s/x-%a.txt") == [
                "--parsable", "--job-name=vireo-0a1b2c3d-x", "--requeue", "--open-mode=append",
                "--kill-on-invalid-dep=yes", "--signal=B:TERM@180", "--output=/s/x-%a.txt",
                "--array=0-11%5", "--export=TOKEN", "--nodes=1", "--ntasks=1",
                "--cpus-per-task=4", "--mem=3072M", "--time=94", "--partition=main",
                "--gres=gpu:2", "--licenses=solver:1", "--qos=normal",
            ])
    }

    @Test("A job without variables inherits none")
    func isolated() {
        var submission = submission
        submission.needs = TaskNeeds()
        let arguments = SlurmText.arguments(submission, profile, log: "/s/x-%a.txt")
        #expect(arguments.contains("--export=NIL"))
        #expect(!arguments.contains { $0.hasPrefix("--mem") || $0.hasPrefix("--time") })
    }

    @Test("Variables that Slurm sets itself are not named, because it passes them anyway")
    func ownVariables() {
        var submission = submission
        submission.needs.variables = ["FOO", "SLURM_JOB_ID", "TOKEN"]
        let arguments = SlurmText.arguments(submission, profile, log: "/s/x-%a.txt")
        #expect(arguments.filter { $0.hasPrefix("--export") } == ["--export=FOO,TOKEN"])
        submission.needs.variables = ["SLURM_JOB_ID"]
        #expect(
            SlurmText.arguments(submission, profile, log: "/s/x-%a.txt").contains("--export=NIL"))
    }

    @Test(
        "A variable that would be a word of `--export`, or several, cannot be passed",
        arguments: [
            ("FOO", true), ("_foo2", true), ("ALL_OF_IT", true), ("SLURM_JOB_ID", true),
            ("ALL", false), ("all", false), ("NONE", false), ("NIL", false), ("A,ALL", false),
            ("A=b", false), ("A B", false), ("\"A", false), ("", false), ("Ä", false),
            ("SBATCH_EXPORT", false), ("SQUEUE_FORMAT", false),
        ])
    func exportable(variable: String, canPass: Bool) {
        let slurm = Slurm(profile: profile, program: "vireo", logs: "/s", environment: [:])
        #expect(slurm.canPass(variable) == canPass)
    }

    @Test(
        "Of the variables of this process, those that name the cluster reach the programs of Slurm")
    func environment() {
        let slurm = Slurm(
            profile: profile, program: "vireo", logs: "/s",
            environment: [
                "HOME": "/h", "SLURM_CONF": "/c", "SLURM_JWT": "t", "SLURM_CLUSTERS": "a",
                "MUNGE_SOCKET": "/m", "SBATCH_EXPORT": "ALL", "SQUEUE_FORMAT": "%i",
                "SACCT_FORMAT": "x", "SCANCEL_NAME": "x", "SLURM_JOB_ID": "1",
                "SLURM_TIME_FORMAT": "relative", "NIL": "x",
            ])
        #expect(
            slurm.environment == [
                "HOME": "/h", "SLURM_CONF": "/c", "SLURM_JWT": "t", "SLURM_CLUSTERS": "a",
                "MUNGE_SOCKET": "/m",
            ])
    }

    @Test("The programs without which nothing can be submitted are looked for in PATH")
    func programs() throws {
        let directory = try TemporaryDirectory()
        let path = ["PATH": directory.path]
        #expect(Slurm.missingProgram(in: [:]) == "sbatch")
        for name in ["sbatch", "squeue"] {
            let file = directory.file(name)
            try "#!/bin/sh\n".write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        #expect(Slurm.missingProgram(in: path) == "scancel")
    }

    @Test("The script sets all that it needs, and quotes paths")
    func script() {
        var profile = profile
        profile.modules = ["cuda/12"]
        profile.setup = "source /opt/venv/bin/activate"
        #expect(
            SlurmText.script(submission, profile, program: "/s/it's/vireo") == """
                #!/bin/bash
                [ ! -r /etc/profile ] || . /etc/profile
                module load 'cuda/12' || exit 1
                source /opt/venv/bin/activate
                export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}" LANG="${LANG:-C.UTF-8}"
                export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
                exec '/s/it'\\''s/vireo' worker --tasks '/s/arrays/x' --index "$SLURM_ARRAY_TASK_ID"

                """)
    }

    @Test(
        "The job id is the number in the last line of sbatch",
        arguments: [
            ("17\n", "17"), ("17;cluster\n", "17"), ("hello\n18\n", "18"), ("", nil),
            ("Submitted\n", nil),
        ]
            as [(String, String?)])
    func job(output: String, id: String?) {
        #expect(SlurmText.job(output) == id)
    }

    @Test("Only a message that says so means that there is no job")
    func refusals() {
        let failed = "sbatch: error: Batch job submission failed: "
        #expect(!SlurmText.isRefusal(failed + "Socket timed out on send/recv operation"))
        #expect(
            !SlurmText.isRefusal(failed + "Unable to contact slurm controller (connect failure)"))
        #expect(!SlurmText.isRefusal(failed + "Unexpected message received"))
        #expect(!SlurmText.isRefusal(""))
        #expect(!SlurmText.isRefusal("Killed"))
        #expect(SlurmText.isRefusal(failed + "Invalid partition name specified"))
        #expect(SlurmText.isRefusal("sbatch: unrecognized option '--nope'"))
    }

    @Test(
        "The verdict of a test is a refusal only if the controller gives one",
        arguments: [
            (
                "sbatch: error: invalid partition specified: nope\n"
                    + "allocation failure: Invalid partition name specified",
                .refused(
                    "invalid partition specified: nope; "
                        + "allocation failure: Invalid partition name specified")
            ),
            (
                "allocation failure: Requested node configuration is not available",
                .refused("allocation failure: Requested node configuration is not available")
            ),
            (
                "sbatch: error: Invalid generic resource (gres) specification",
                .refused("Invalid generic resource (gres) specification")
            ),
            (
                "sbatch: unrecognized option '--nope'\nTry \"sbatch --help\" for more information",
                .refused(
                    "unrecognized option '--nope'; Try \"sbatch --help\" for more information")
            ),
            (
                "allocation failure: Unable to contact slurm controller (connect failure)",
                .open("allocation failure: Unable to contact slurm controller (connect failure)")
            ),
            (
                "sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host\n"
                    + "sbatch: fatal: Could not establish a configuration source",
                .open(
                    "resolve_ctls_from_dns_srv: res_nsearch error: Unknown host; "
                        + "Could not establish a configuration source")
            ),
            ("", .open("sbatch gave no reason")),
        ] as [(String, SubmissionVerdict)])
    func verdicts(errors: String, verdict: SubmissionVerdict) {
        #expect(SlurmText.verdict(errors) == verdict)
    }

    @Test("A refusal may be temporary if it is about nodes and some are not usable")
    func temporary() {
        #expect(
            SlurmText.mayBeTemporary(
                "allocation failure: Requested node configuration is not available"))
        #expect(!SlurmText.mayBeTemporary("allocation failure: Invalid partition name specified"))
        #expect(!SlurmText.lacksNodes(["idle", "mixed", "allocated", "completing"]))
        for state in ["down*", "drained", "draining", "idle*", "maint"] {
            #expect(SlurmText.lacksNodes(["idle", state]), "\(state)")
        }
    }

    @Test("Lines of other jobs, of whole arrays and of later versions are read without harm")
    func tasks() {
        let output = """
            17_0|RUNNING|vireo-a-1|None
            17_1|CANCELLED by 1000|vireo-a-1|None
            17_2|PENDING|vireo-a-1|launch failed requeued held
            17_[3-9]|PENDING|vireo-a-1|Resources
            18|RUNNING|other|None
            19_0|RUNNING|vireo-b-1|None
            17_4|SOMETHING_NEW|vireo-a-1|None
            broken
            17_5|PENDING|vireo-a-1|Priority

            """
        let tasks = SlurmText.tasks(output, named: "vireo-a-")
        #expect(tasks.map(\.id.index) == [0, 1, 2, 4, 5])
        #expect(
            tasks.map(\.state) == [
                "RUNNING", "CANCELLED", "LAUNCH_FAILED", "SOMETHING_NEW", "PENDING",
            ])
        #expect(tasks.map(\.phase) == [.running, .ended, .held, .ended, .waiting])
    }

    @Test("Short stages share an element of the array, and long ones do not")
    func batches() {
        let tasks = [("a", 10.0), ("b", 20), ("c", 40), ("d", 5), ("e", .infinity), ("f", 1)]
            .map { (name: $0.0, seconds: $0.1) }
        #expect(
            TaskBatch.elements(tasks, seconds: 60) == [["a", "b"], ["c", "d"], ["e"], ["f"]])
        #expect(TaskBatch.elements(tasks, seconds: nil).count == 6)
    }
}
