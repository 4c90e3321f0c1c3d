import GroupDistil
import NeuralNet
import Testing

@Test func `a first student is held out on the latest rows of every stratum`() {
  // 100 rows of stratum 0 and, every tenth row, 10 of stratum 1.
  let strata = (0..<110).map { $0 % 11 == 10 ? 1 : 0 }
  let plan = FoldPlan.timeOrdered(strata: strata)
  for (stratum, counts) in [(0, [70, 15, 15]), (1, [6, 2, 2])] {
    let rows = strata.indices.filter { strata[$0] == stratum }
    let folds = rows.map { plan.folds[$0] }
    #expect([Fold.train, .select, .heldOut].map { fold in folds.count { $0 == fold } } == counts)
    // In time order: train, then select, then held out.
    #expect(folds.firstIndex(of: .select) == counts[0])
    #expect(folds.lastIndex(of: .train) == counts[0] - 1)
    #expect(folds.firstIndex(of: .heldOut) == counts[0] + counts[1])
  }
  #expect(plan == FoldPlan.timeOrdered(strata: strata))
}

@Test func `a stratum of two rows is trained on whole, one of three gives a row to every fold`() {
  #expect(FoldPlan.timeOrdered(strata: [0, 0]).folds == [.train, .train])
  #expect(FoldPlan.timeOrdered(strata: [0, 0, 0]).folds == [.train, .select, .heldOut])
}

@Test func `no part stands in two folds`() {
  // Every part twice, the second time at the end of the file.
  let parts = (0..<200).map { "P\($0 % 100)" }
  let strata = (0..<200).map { $0 % 3 }
  let plans = [
    FoldPlan.timeOrdered(strata: strata, parts: parts),
    FoldPlan.given(strata.map { [.train, .select, .heldOut][$0] }, cells: strata, strata: strata, parts: parts).plan,
  ]
  for plan in plans {
    for part in 0..<100 { #expect(plan.folds[part] == plan.folds[part + 100]) }
  }
}

@Test func `a file's own division is honoured, and cells it leaves undivided are divided`() {
  let cells = Array(repeating: 0, count: 20) + Array(repeating: 1, count: 20)
  let given: [Fold] =
    (0..<20).map { $0 < 10 ? .train : $0 < 15 ? .heldOut : .select } + Array(repeating: .train, count: 20)
  let (plan, divided) = FoldPlan.given(given, cells: cells, strata: cells)
  #expect(Array(plan.folds[..<20]) == Array(given[..<20]))
  #expect(Array(plan.folds[20...]) == FoldPlan.timeOrdered(strata: Array(repeating: 0, count: 20)).folds)
  #expect(divided == [1])
  let whole = FoldPlan.given(given, cells: Array(repeating: 0, count: 40), strata: cells)
  #expect(whole.plan.folds == given && whole.dividedCells.isEmpty)
}

@Test func `the gate gets the latest rows of a retraining, 40 percent or its minimum`() {
  let parts = (0..<1000).map { "P\($0)" }
  let strata = (0..<1000).map { $0 % 4 == 0 ? 1 : 0 }
  let plan = FoldPlan.retraining(strata: strata, parts: parts, gateRowsMinimum: 150)
  #expect(plan.rows(of: .heldOut) == Array(600..<1000))
  for stratum in [0, 1] {
    let early = (0..<600).filter { strata[$0] == stratum }
    let selected = early.count { plan.folds[$0] == .select }
    #expect(selected == Int((Double(early.count) * 0.15).rounded()))
  }
  let small = FoldPlan.retraining(
    strata: Array(strata[..<300]), parts: Array(parts[..<300]), gateRowsMinimum: 150)
  #expect(small.rows(of: .heldOut) == Array(150..<300))
  #expect(FoldPlan.retraining(strata: [0], parts: ["P"], gateRowsMinimum: 150).folds == [.heldOut])
  #expect(FoldPlan.retraining(strata: [], parts: [], gateRowsMinimum: 150).folds.isEmpty)
}

@Test func `what a row is selected for hangs on its part alone, not on its neighbours' order`() {
  let parts = (0..<400).map { "P\($0)" }
  let strata = Array(repeating: 0, count: 400)
  let plan = FoldPlan.retraining(strata: strata, parts: parts, gateRowsMinimum: 100)
  let early = 240
  let turned = Array(parts[..<early].reversed()) + parts[early...]
  let again = FoldPlan.retraining(strata: strata, parts: turned, gateRowsMinimum: 100)
  #expect(Set(plan.rows(of: .select).map { parts[$0] }) == Set(again.rows(of: .select).map { turned[$0] }))
}

@Test func `a teacher's folds deal every group out evenly and keep parts together`() {
  let groups = (0..<90).map { $0 % 10 == 0 ? 1 : 0 }
  let folds = teacherFolds(groups: groups, parts: nil, foldCount: 3)
  for group in [0, 1] {
    let counts = (0..<3).map { fold in zip(groups, folds).count { $0 == group && $1 == fold } }
    #expect(counts == Array(repeating: groups.count { $0 == group } / 3, count: 3))
  }
  let parts = (0..<90).map { "P\($0 % 30)" }
  let byPart = teacherFolds(groups: groups, parts: parts, foldCount: 3)
  for row in 0..<60 { #expect(byPart[row] == byPart[row + 30]) }
  #expect(Set(byPart) == [0, 1, 2])
}

/// Rows of some cells and classes, some parts of which come again later.
private struct RandomRows {
  var cells: [Int] = []
  var strata: [Int] = []
  var parts: [String] = []
  let gateRowsMinimum: Int

  init(seed: UInt64) {
    var random = Generator(seed: seed)
    let count = 1 + random.index(below: 400)
    let cellCount = 1 + random.index(below: 5)
    for row in 0..<count {
      cells.append(random.index(below: cellCount))
      strata.append(cells[row] * 2 + random.index(below: 2))
      let isRepeated = row > 0 && random.uniform() < 0.1
      parts.append(isRepeated ? parts[random.index(below: row)] : "P\(row)")
    }
    gateRowsMinimum = random.index(below: 200)
  }
}

@Test(arguments: 0..<200)
func `what a gate sees is later than all that was learned from, and no part is on both sides`(seed: Int) {
  let rows = RandomRows(seed: UInt64(seed))
  let scoped = FoldPlan.retraining(
    strata: rows.strata, parts: rows.parts, gateRowsMinimum: rows.gateRowsMinimum)
  let whole = FoldPlan.consolidation(
    cells: rows.cells, strata: rows.strata, parts: rows.parts, gateRowsMinimum: rows.gateRowsMinimum)
  for plan in [scoped, whole] {
    #expect(plan.folds.count == rows.parts.count)
    var foldOfPart: [String: Fold] = [:]
    for (part, fold) in zip(rows.parts, plan.folds) where fold != .unused {
      #expect(foldOfPart[part] == nil || foldOfPart[part] == fold, "\(part)")
      foldOfPart[part] = fold
    }
  }
  let first = scoped.folds.firstIndex(of: .heldOut) ?? scoped.folds.count
  #expect(scoped.folds[first...].allSatisfy { $0 == .heldOut || $0 == .unused })
  for cell in Set(rows.cells) {
    let own = rows.cells.indices.filter { rows.cells[$0] == cell }.map { whole.folds[$0] }
    let first = own.firstIndex(of: .heldOut) ?? own.count
    #expect(own[first...].allSatisfy { $0 == .heldOut || $0 == .unused })
    let judged = own.count { $0 == .heldOut || $0 == .unused }
    #expect(judged <= max(1, (own.count + 1) / 2), "\(judged) of \(own.count)")
  }
  #expect(
    scoped
      == FoldPlan.retraining(strata: rows.strata, parts: rows.parts, gateRowsMinimum: rows.gateRowsMinimum))
}
