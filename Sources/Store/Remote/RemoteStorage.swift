/// Where the files of a shared cache are: a directory, or a remote of rclone. Names are relative paths such as
/// `manifests/KEY.json`. A storage checks nothing that it copies: callers compare digests. Each call handles many
/// files, because a call may start a program and cross a network.
package protocol RemoteStorage: Sendable {
    /// The names of the files in `folder`; empty if there is no such folder.
    func names(in folder: String) throws(RemoteError) -> Set<String>

    /// The sizes, in bytes, of those of the named files that exist.
    func sizes(of names: [String]) throws(RemoteError) -> [String: Int]

    /// Copies those of the named files that exist to the same names below the local directory `target`. `bytes` is the
    /// expected size of all of them, on which the time limit depends. After an error, some may have been copied.
    func fetch(_ names: [String], bytes: Int, to target: String) throws(RemoteError)

    /// Copies the named files below the local directory `source`, which may be symbolic links, to the same names here.
    /// A file that exists here stays as it is. After an error, some may have been copied.
    func put(_ names: [String], bytes: Int, from source: String) throws(RemoteError)
}
