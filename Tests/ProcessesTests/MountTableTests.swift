import Processes
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MountTableTests {
    @Test(
        "Mount points below a directory are found by the bytes of their names, with escapes decoded"
    )
    func points() {
        let table = """
            22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            30 22 0:26 / /work rw - tmpfs none rw
            31 22 0:27 / /work/a\\040b\\134c rw shared:3 - tmpfs none rw
            32 22 0:28 / /worker rw - tmpfs none rw
            33 22 0:28 / /work/\\9 rw - tmpfs none rw
            short line

            """
        #expect(
            MountTable.points(below: "/work", in: Data(table.utf8)) == [
                "/work/a b\\c", "/work/\\9",
            ])
        #expect(MountTable.points(below: "/other", in: Data(table.utf8)) == [])
    }
}
