import Processes

/// The search for the program that runs another one in the environment of a profile.
package enum EnvironmentProgram {
    /// The path of the program `name`, with which a prefix starts. Singularity, which has the same arguments, stands
    /// in for Apptainer. Conda is often a function of the shell; then `CONDA_EXE` has the path of the program.
    package static func path(
        of name: String, in variables: [String: String]
    ) throws(CommandStageError) -> String {
        for name in name == "apptainer" ? [name, "singularity"] : [name] {
            if let path = ProgramRun.path(of: name, in: variables["PATH"] ?? "") { return path }
        }
        if name == "conda", let path = variables["CONDA_EXE"], !path.isEmpty { return path }
        throw .noEnvironmentProgram(name)
    }
}
