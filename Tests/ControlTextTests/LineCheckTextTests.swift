import ControlText
import Domain
import Testing
import Wire

private let check = LineCheck(
  groups: [
    NamedFolds(name: "camera=A", train: 6960, select: 699, heldOut: 1417),
    NamedFolds(name: "camera=C", train: 138, select: 696, heldOut: 0),
  ],
  classes: [NamedFolds(name: "boot", train: 7098, select: 1395, heldOut: 1417)], unlabelledRows: 20,
  input: .image(height: 28, width: 28, channels: 1),
  student: StudentFigures(layers: "conv16k3,max2", parameters: 31_366, megaflops: 1.234),
  latency: LatencyFigures(
    predictedMicroseconds: 17.25, referenceGigaflopsPerSecond: 66.6, medianMicroseconds: 19.2, p99Microseconds: 131.4,
    passes: 500), teacher: "a network of hidden layers 256,256, trained here on the labels before the student",
  trainingSeconds: 130, warnings: ["few rows of camera=C"])

@Test func `a checked file is told in figures a person can act on`() {
  expectLines(
    LineCheckReply(data: "/data/parts.npz", check: check),
    """
    parts.npz: 9,910 labelled rows, 20 rows without a label, 1 classes, 2 groups
    a part is: image 28x28x1, 784 numbers a part
    student: conv16k3,max2 (31,366 parameters, 1.23 megaflops a part)
    latency: median 19.2 us, 99 % within 131 us: 500 parts one by one, here and now,
      the forward pass alone. 17.3 us was to be expected at 66.6 gigaflops a second,
      which a usual student for such parts reaches here
    teacher: a network of hidden layers 256,256, trained here on the labels before
      the student
    training: about 2 min 10 s here, by its first seconds

    group     train  select  held out
    camera=A  6,960     699     1,417
    camera=C    138     696         0

    class  train  select  held out
    boot   7,098   1,395     1,417

    Look at this before you rely on it:
     1. few rows of camera=C
    """)
}

@Test func `a line of pictures names no pixels, and says what its student is`() {
  let row = LineRow(
    line: "eye", attributes: ["camera"], outcomeInGroups: false, input: .image(height: 28, width: 28, channels: 1),
    features: [], classes: ["boot", "shirt"], mode: "auto", time: "clock", targetAccuracy: nil, maturityHours: 24,
    champion: 2, student: check.student, addedAt: "2026-11-01T00:00:00Z")
  expectLines(
    LinesReply(lines: [row]),
    """
    line  groups by  part           classes  mode  time   target  student
    eye   camera     image 28x28x1        2  auto  clock    none       v2

    classes: boot, shirt
    student v2: conv16k3,max2 (31,366 parameters, 1.23 megaflops a part)
    """)
}
