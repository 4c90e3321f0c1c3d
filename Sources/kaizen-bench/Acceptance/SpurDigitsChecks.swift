import Domain
import GroupDistil

/// SpurDigits with the rich teacher, but for the row about the bad one.
///
/// The rows hold the reconstruction against the table it was measured in, with that table's recipe and raw pixels. The
/// product scales pictures and has its own recipe; what that changes is told beside.
extension AcceptanceCheck {
  private static let kdUniform = table(.method(.kd))
  private static let kdBalanced = table(.method(.kdBalanced))
  private static let squareRoot = groupDistil(10, .squareRoot)
  private static let uniform = groupDistil(10, .uniform)
  private static let collapsing = table(.raw(step: 0.1))
  private static let steps = [3.0, 10, 30]
  private static let equalWeights = groupDistil(0, .squareRoot)
  /// Means of as few runs as the other rows have are four points apart by chance.
  private static let stepSeeds = 3
  private static let productPlain = BenchTraining(bench: .spurDigits, way: .study(.kd))
  private static let productDistil = BenchTraining(bench: .spurDigits, way: .study(.groupDistil))
  private static let badBalanced = bad(.balanced)
  private static let badKdBalanced = bad(.kdBalanced)
  private static let badPortfolio = bad(.portfolio)

  private static func table(_ method: BenchTraining.TableMethod) -> BenchTraining {
    BenchTraining(bench: .spurDigits, way: .table(method))
  }

  private static func groupDistil(_ strength: Double, _ batches: BatchDraw) -> BenchTraining {
    table(.groupDistil(strength: strength, batches: batches))
  }

  private static func unlabelled(_ times: Int) -> BenchTraining { table(.unlabelled(times: times)) }

  private static func bad(_ method: StudyMethod) -> BenchTraining {
    BenchTraining(bench: .spurDigits, teacher: .erm, way: .study(method))
  }

  static let spurDigits = [
    AcceptanceCheck(
      "kd-uniform", "SpurDigits: plain distillation, worst group (sanity)", trainings: [kdUniform, productPlain]
    ) {
      [
        Claim("", Figure(try $0.worst(kdUniform)), .within(20...45)),
        Claim("product's recipe and scaling", Figure(try $0.worst(productPlain))),
      ]
    },
    AcceptanceCheck(
      "groupdistil", "SpurDigits: GroupDistil (scale-free, c 10), worst group",
      trainings: [squareRoot, uniform, productDistil]
    ) {
      [
        Claim("square-root batches", Figure(try $0.worst(squareRoot)), .atLeast(60)),
        Claim("uniform batches", Figure(try $0.worst(uniform)), .atLeast(62)),
        Claim("product's recipe and scaling", Figure(try $0.worst(productDistil))),
      ]
    },
    AcceptanceCheck(
      "groupdistil-gain", "SpurDigits: GroupDistil minus plain distillation, worst group, paired by seed",
      trainings: [squareRoot, uniform, kdUniform, productDistil, productPlain]
    ) { findings in
      let plain = try findings.worst(kdUniform)
      let claims = try [("square-root batches", squareRoot), ("uniform batches", uniform)].flatMap { label, training in
        let gain = differences(try findings.worst(training), plain)
        return [
          Claim(label, Figure(gain), .atLeast(20)),
          Claim("\(label), every seed", Figure(gain, .least), .above(0)),
        ]
      }
      let product = differences(try findings.worst(productDistil), try findings.worst(productPlain))
      return claims + [Claim("product's recipe and scaling", Figure(product))]
    },
    AcceptanceCheck(
      "groupdistil-average", "SpurDigits: GroupDistil minus plain distillation, mean over groups",
      trainings: [squareRoot, kdUniform]
    ) { findings in
      let gain = differences(
        try findings.scores(squareRoot).map(\.average), try findings.scores(kdUniform).map(\.average))
      return [Claim("", Figure(gain), .atLeast(5))]
    },
    AcceptanceCheck(
      "groupdistil-balanced",
      "SpurDigits: GroupDistil minus balanced distillation, worst group (no superiority claimed)",
      trainings: [squareRoot, uniform, kdBalanced]
    ) { findings in
      let balanced = try findings.worst(kdBalanced)
      return [
        Claim("balanced distillation", Figure(balanced)),
        Claim("square-root batches", Figure(differences(try findings.worst(squareRoot), balanced)), .atLeast(-3)),
        Claim("uniform batches", Figure(differences(try findings.worst(uniform), balanced)), .atLeast(-3)),
      ]
    },
    AcceptanceCheck(
      "step", "SpurDigits: GroupDistil is flat over its step (c 3, 10, 30), the raw step .1 is not",
      trainings: steps.map { groupDistil($0, .squareRoot) } + [equalWeights, collapsing], times: stepSeeds
    ) { findings in
      func worst(_ training: BenchTraining) throws -> Figure {
        Figure(try findings.worst(training, times: stepSeeds))
      }
      let figures = try steps.map { try worst(groupDistil($0, .squareRoot)) }
      let means = figures.map(\.mean)
      return zip(steps, figures).map { Claim("c \(Int($0))", $1) } + [
        Claim("spread of the means", Figure([(means.max() ?? .nan) - (means.min() ?? .nan)]), .atMost(4)),
        Claim("c 0, equal weights", try worst(equalWeights)),
        Claim("raw step .1, uniform batches", try worst(collapsing)),
      ]
    },
    AcceptanceCheck(
      "unlabelled", "SpurDigits: balanced distillation beside unlabelled rows, worst group",
      trainings: [unlabelled(2), unlabelled(10), kdBalanced]
    ) {
      [
        Claim("without", Figure(try $0.worst(kdBalanced))),
        Claim("2x", Figure(try $0.worst(unlabelled(2))), .atLeast(72)),
        Claim("10x", Figure(try $0.worst(unlabelled(10))), .atLeast(79)),
      ]
    },
    AcceptanceCheck(
      "bad-teacher", "SpurDigits, plain teacher: the product's choice of arm minus its balanced labels, worst group",
      trainings: [badPortfolio, badBalanced, badKdBalanced]
    ) { findings in
      let labels = try findings.worst(badBalanced)
      return [
        Claim("balanced labels", Figure(labels)),
        Claim("balanced distillation", Figure(try findings.worst(badKdBalanced))),
        Claim("portfolio after its gate", Figure(try findings.worst(badPortfolio))),
        Claim("difference", Figure(differences(try findings.worst(badPortfolio), labels)), .atLeast(-3)),
      ]
    },
  ]
}

/// Seed by seed.
func differences(_ values: [Double], _ baseline: [Double]) -> [Double] { zip(values, baseline).map { $0 - $1 } }
