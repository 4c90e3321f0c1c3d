/// Caller-owned room for the values between layers, so that serving allocates nothing.
public struct Scratch: Sendable {
  let layout: Layout
  public let instructionSet: InstructionSet
  /// What every layer reads, as `layout` has it; borders stay 0.
  var activations: [Float]

  public var rowCapacity: Int { layout.rowCapacity }
  var shape: StudentShape { layout.shape }

  /// Rows of a call that brings no scratch: enough to be fast, small enough to stay in the second-level cache.
  static let convenientRowCount = 64

  init(shape: StudentShape, rowCapacity: Int, keepsInputs: Bool = false, instructionSet: InstructionSet) {
    precondition(rowCapacity > 0, "a scratch holds at least one row")
    precondition(InstructionSet.available.contains(instructionSet), "this processor cannot run \(instructionSet.name)")
    layout = Layout(shape: shape, rowCapacity: rowCapacity, keepsInputs: keepsInputs)
    self.instructionSet = instructionSet
    activations = Array(repeating: 0, count: layout.size)
  }
}
