import Domain
import Foundation
import NeuralNet
import Testing

/// A small file of parts: the class is the sign of x; in the rare product B it is the opposite.
private enum SmallPlant {
  /// Columns t_0 and t_1 are a teacher's logits, who knows.
  static func csv(rowCount: Int, hasSplit: Bool = true) -> String {
    var random = Generator(seed: 5)
    var text = "part,product,x,y,t_0,t_1,label\(hasSplit ? ",split" : "")\n"
    for row in 0..<rowCount {
      let x = random.normal()
      let isRare = row % 8 == 0
      let sum = (isRare ? -1 : 1) * (x + 0.2 * random.normal())
      // Eight rows are one turn of the products: every product is in every fold.
      let split = ["test", "val", "train", "train"][row / 8 % 4]
      text += "P\(row),\(isRare ? "B" : "A"),\(x),\(random.normal()),\(-3 * sum),\(3 * sum),"
      text += "\(sum > 0 ? "good" : "dent")\(hasSplit ? ",\(split)" : "")\n"
    }
    return text
  }
}

extension ProcessTests {
  @Suite struct StudyTests {
    private func study(_ folder: Folder, _ words: [String]) async throws -> Ran {
      try await run(
        try Programs.path("kaizenctl"),
        ["study", "--data", folder.file("p.csv"), "--label", "label", "--groups", "product", "--exclude", "t_*"] + words
      )
    }

    private func object(_ ran: Ran) throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(ran.output.utf8)) as? [String: Any], "\(ran.output)\(ran.errors)")
    }

    /// Without what a clock measured.
    private func figures(_ object: [String: Any]) throws -> [NSDictionary] {
      try #require(object["results"] as? [[String: Any]]).map { result in
        var result = result
        result["seconds"] = nil
        result["per_seed"] = (result["per_seed"] as? [[String: Any]])?.map { seed in
          seed.filter { $0.key != "seconds" }
        }
        return result as NSDictionary
      }
    }

    @Test func `a study of a generated file has the schema, the page and the same figures every time`() async throws {
      let folder = try Folder()
      try folder.write("p.csv", SmallPlant.csv(rowCount: 1200))
      let words = [
        "--methods", "erm,groupdistil,portfolio", "--seeds", "3", "--steps", "60", "--teacher-logits", "t_", "--json",
        "--html", folder.file("study.html"),
      ]
      let ran = try await study(folder, words)
      #expect(ran.end == .exited(0), "\(ran.errors)")
      let report = try object(ran)
      #expect(report["schema"] as? Int == 1)
      let results = try #require(report["results"] as? [[String: Any]])
      #expect(results.compactMap { $0["method"] as? String } == ["erm", "groupdistil", "portfolio"])
      for result in results {
        for key in ["mean_accuracy", "worst_group_accuracy"] {
          let measure = try #require(result[key] as? [String: Double])
          #expect(Set(measure.keys) == ["mean", "sd"])
          #expect((0...1).contains(try #require(measure["mean"])))
        }
        let groups = try #require(report["groups"] as? [[String: Any]]).compactMap { $0["name"] as? String }
        #expect(groups == ["product=A", "product=B"])
        #expect(groups.contains(try #require(result["worst_group"] as? String)))
        #expect(try #require(result["worst_group_n"] as? Int) >= 20)
        #expect(result["seconds"] is Double)
        let seeds = try #require(result["per_seed"] as? [[String: Any]])
        #expect(seeds.compactMap { $0["seed"] as? Int } == [1, 2, 3])
      }
      let chosen = try #require(report["chosen"] as? [String: Any])
      #expect((chosen["per_seed"] as? [[String: Any]])?.count == 3)
      #expect((report["weights"] as? [[String: Any]])?.isEmpty == false)
      let page = try folder.text("study.html")
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
      #expect(try Folder.names(folder.path).sorted() == ["p.csv", "study.html"])

      let again = try await study(folder, words)
      #expect(try figures(try object(again)) == figures(report), "whatever core a seed is trained on")
    }

    @Test func `a file without a split column is divided in time order, and told`() async throws {
      let folder = try Folder()
      try folder.write("p.csv", SmallPlant.csv(rowCount: 600, hasSplit: false))
      let ran = try await study(
        folder, ["--methods", "erm,balanced", "--seeds", "2", "--steps", "40", "--teacher", "erm"])
      #expect(ran.end == .exited(0), "\(ran.errors)")
      let text = ran.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      for words in [
        "study of p.csv: 2 methods, 2 seeds", "2 seeds are too few to tell methods apart",
        "the file has no split column", "all rows of a part stay together", "trained here (256-256, plain)",
      ] {
        #expect(text.contains(words), "\(words) is missing: \(ran.output)")
      }
      #expect(ran.errors.contains("of 2"))
    }

    @Test func `what cannot be studied is said in the exit code and a sentence`() async throws {
      let folder = try Folder()
      try folder.write("p.csv", SmallPlant.csv(rowCount: 200))
      let missing = try await run(
        try Programs.path("kaizenctl"), ["study", "--data", "/nowhere.csv", "--label", "l", "--groups", "g"])
      #expect(missing.end == .exited(66))
      #expect(missing.errors.contains("there is no file /nowhere.csv"))
      let column = try await run(
        try Programs.path("kaizenctl"),
        ["study", "--data", folder.file("p.csv"), "--label", "labl", "--groups", "product"])
      #expect(column.end == .exited(65))
      #expect(column.errors.contains("did you mean \"label\"?"))
      for page in ["/nowhere/study.html", folder.path] {
        let ran = try await study(folder, ["--html", page])
        #expect(ran.end == .exited(74))
        #expect(ran.errors.contains(page) && !ran.errors.contains("seed"), "before the training: \(ran.errors)")
      }
      #expect(try Folder.names(folder.path) == ["p.csv"])
    }

    @Test func `a study that is told to stop leaves no page`() async throws {
      let folder = try Folder()
      try folder.write("p.csv", SmallPlant.csv(rowCount: 1200))
      let child = try Child(
        try Programs.path("kaizenctl"),
        [
          "study", "--data", folder.file("p.csv"), "--label", "label", "--groups", "product", "--steps", "100000",
          "--html", folder.file("study.html"),
        ], output: folder.file("out"), errors: folder.file("err"))
      try await eventually("the start of the training") { try folder.text("err").contains("seed") ? true : nil }
      child.signal(SIGTERM)
      #expect(try await child.ended() == .exited(130))
      #expect(try folder.text("err").contains("interrupted; nothing was written."))
      #expect(try Folder.names(folder.path).sorted() == ["err", "out", "p.csv"])
    }
  }
}
