import GroupDistil
import Policy
import Testing

@Test func `a job holds back the share of rows that its power is told for`() {
  #expect(gateRowsShare == FoldPlan.gateShare)
}
