extension ArtifactContents {
    /// The contents of a directory, of which every file is read. Throws for anything but files and directories.
    package init(of directory: String, on files: any FileSystem = LocalFileSystem())
        throws(StoreError)
    {
        let listing = try Archive.listing(of: directory, on: files)
        var read: [File] = []
        for (path, bytes, isExecutable) in listing.files {
            let digest = try Archive.digest(ofFile: directory + "/" + path, on: files)
            read.append(File(path: path, bytes: bytes, sha256: digest, isExecutable: isExecutable))
        }
        self.init(read, emptyDirectories: listing.emptyDirectories)
    }
}
