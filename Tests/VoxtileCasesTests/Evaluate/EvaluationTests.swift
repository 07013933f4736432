import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("Evaluation of many cases") struct EvaluationTests {
  private let extent = Extent(width: 6, height: 5, depth: 4)
  private let affine = Affine(rows: [[-2, 0, 0, 10], [0, 1.5, 0, -20], [0, 0, 2.5, 30]])

  /// A label map with a box of each label.
  private func labels(_ boxes: [(UInt8, Region)]) throws -> Volume<UInt8> {
    var volume = Volume<UInt8>(extent: extent, repeating: 0)
    volume.metadata = VolumeMetadata(affine: affine)
    for (label, box) in boxes {
      for z in box.z { for y in box.y { for x in box.x { volume[x: x, y: y, z: z] = label } } }
    }
    return volume
  }

  private func make(_ folder: String, _ files: [String: Volume<UInt8>]) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, volume) in files { try volume.write(to: "\(folder)/\(name)") }
  }

  private let left = Region(x: 0..<2, y: 0..<2, z: 0..<2)
  private let right = Region(x: 3..<6, y: 2..<4, z: 1..<3)

  /// Four truths, of which one has no prediction, one a damaged one; one prediction without a truth.
  private func makeStudy(_ folder: String) throws {
    try make(
      "\(folder)/truth",
      [
        "a.nii.gz": labels([(1, left), (2, right)]), "b.nii": labels([(1, left)]),
        "c.nii.gz": labels([(1, left)]),
        "d.nii.gz": labels([(1, left)]),
      ])
    try make(
      "\(folder)/predicted",
      [
        "a.nii": labels([(1, Region(x: 0..<1, y: 0..<2, z: 0..<2)), (2, right)]),
        "b.nii.gz": labels([(2, right)]), "e.nii.gz": labels([]),
      ])
    try writeFile([1, 2, 3], to: "\(folder)/predicted/d.nii.gz")
    try writeFile(
      Array(#"{"labels": {"background": 0, "liver": 1, "whole": [1, 2], "tumor": 2}}"#.utf8),
      to: "\(folder)/dataset.json")
  }

  private func evaluate(_ folder: String, _ settings: EvaluationSettings = EvaluationSettings()) throws
    -> Evaluation
  {
    try Evaluation(
      of: EvaluationPairs(predictions: "\(folder)/predicted", references: "\(folder)/truth"),
      settings: settings,
      names: LabelNames(besideReferences: "\(folder)/truth"))
  }

  @Test(
    "files are paired whatever their endings; what is missing or damaged is named, and means say what they leave out"
  )
  func study() throws {
    try withTemporaryFolder { folder in
      try makeStudy(folder)
      let found = try evaluate(folder)
      #expect(found.cases.map(\.pair.name) == ["a", "b"] && found.failures.map(\.pair.name) == ["d"])
      #expect(found.withoutPrediction.map(\.name) == ["c"] && found.withoutReference.map(\.name) == ["e"])
      #expect(!found.isComplete)
      #expect(found.labels.map(\.name) == ["liver", "tumor"])
      let (liver, tumor) = (found.labels[0].means, found.labels[1].means)
      // Half of the liver of a, nothing of that of b.
      let third: Double = 1 / 3.0
      #expect(liver[.dice]?.mean == third)
      #expect(liver[.dice]?.count == 2 && liver[.dice]?.worst?.name == "b")
      #expect(liver[.hausdorff95Millimeters]?.count == 1)
      #expect(liver[.hausdorff95Millimeters]?.undefined == [.predictionEmpty: 1])
      #expect(liver[.precision]?.mean == 1 && liver[.precision]?.undefined == [.predictionEmpty: 1])
      #expect(tumor[.dice]?.mean == 1 && tumor[.dice]?.undefined == [.referenceEmpty: 1])
      let mean: Double = (third + 1) / 2
      #expect(found.meanOverLabels(.dice) == mean)
      let milliliters: Double = 8 * 0.0075
      #expect(found.cases[0].labels[0].referenceMilliliters == milliliters)
    }
  }

  @Test("a label that one case lacks is undefined there, and counted")
  func absent() throws {
    try withTemporaryFolder { folder in
      try make("\(folder)/truth", ["a.nii": labels([(1, left), (7, right)]), "b.nii": labels([(1, left)])])
      try make(
        "\(folder)/predicted", ["a.nii": labels([(1, left), (7, right)]), "b.nii": labels([(1, left)])])
      var settings = EvaluationSettings()
      settings.lesions = .all
      let found = try evaluate(folder, settings)
      #expect(found.cases[1].labels.map(\.label) == [1, 7])
      for measure in Measure.allCases {
        #expect(found.labels[1].means[measure]?.undefined == [.bothEmpty: 1], "\(measure)")
        #expect(found.labels[1].means[measure]?.count == 1, "\(measure)")
      }
      settings.labels = [3]
      let other = try evaluate(folder, settings)
      #expect(other.cases[0].labels.map(\.label) == [3] && other.labels[0].means[.dice]?.mean == nil)
    }
  }

  @Test(
    "a prediction whose axes are turned is turned back; one that lies elsewhere is refused with both places")
  func turned() throws {
    try withTemporaryFolder { folder in
      let truth = try labels([(1, left), (2, right)])
      try truth.write(to: "\(folder)/truth.nii.gz")
      // x backwards, and y and z exchanged.
      var turned = Volume<UInt8>(extent: Extent(width: 6, height: 4, depth: 5), repeating: 0)
      for place in extent.positions {
        turned[x: 5 - place.x, y: place.z, z: place.y] = truth[x: place.x, y: place.y, z: place.z]
      }
      turned.metadata = VolumeMetadata(
        affine: Affine(rows: [[2, 0, 0, 0], [0, 0, 1.5, -20], [0, 2.5, 0, 30]]))
      for name in ["turned.nii", "turned.nii.gz"] {
        try turned.write(to: "\(folder)/\(name)")
        let one = try CaseEvaluation(
          .init("a", prediction: "\(folder)/\(name)", reference: "\(folder)/truth.nii.gz"))
        #expect(one.labels.map { $0.scores[.dice] } == [.value(1), .value(1)])
        #expect(one.labels.map { $0.scores[.hausdorff95Millimeters] } == [.value(0), .value(0)])
        #expect(one.notes == ["points RSA, and is turned to LAS"])
      }
      var moved = truth
      moved.metadata = VolumeMetadata(affine: affine.moved(to: Position(x: 1, y: 0, z: 0)))
      try moved.write(to: "\(folder)/moved.nii")
      let error = #expect(throws: VoxtileError.self) {
        try CaseEvaluation(.init("a", prediction: "\(folder)/moved.nii", reference: "\(folder)/truth.nii.gz"))
      }
      #expect(error?.message.contains("by up to 2 mm") == true, "\(error?.message ?? "")")
      #expect(error?.context.file == "\(folder)/moved.nii")
    }
  }

  @Test("JSON and CSV hold a row for each case and label, null where a score is undefined, and the means")
  func files() throws {
    try withTemporaryFolder { folder in
      try makeStudy(folder)
      let found = try evaluate(folder)
      let written = try found.write(to: "\(folder)/scores")
      #expect(written.map(\.fileName) == ["evaluation.csv", "evaluation.json"])
      let text = String(decoding: try fileBytes(written[0]), as: UTF8.self)
      let rows = try SeparatedValues(Array(text.utf8), separator: UInt8(ascii: ",")).rows.map(\.values)
      #expect(Set(rows.map(\.count)) == [rows[0].count])
      let expected: [[String]] = [
        ["case", "status", "label"], ["a", "evaluated", "1"], ["a", "evaluated", "2"],
        ["b", "evaluated", "1"],
        ["b", "evaluated", "2"], ["d", "failed", ""], ["c", "no prediction", ""],
        ["e", "no reference", ""],
        ["", "mean of 2", "1"], ["", "mean of 2", "2"],
      ]
      let starts = rows.map { Array($0.prefix(3)) }
      #expect(starts == expected)
      let dice = try #require(rows[0].firstIndex(of: "dice"))
      #expect(rows[3][dice] == "0.0" && rows[4][dice].isEmpty && rows[4][4] == "reference")
      #expect(!text.contains("nan") && !text.contains("inf"))
      let json = try JSONSerialization.jsonObject(with: Data(fileBytes(written[1]))) as? [String: Any]
      let cases = try #require(json?["cases"] as? [[String: Any]])
      let labels = try #require(cases[1]["labels"] as? [[String: Any]])
      #expect(
        (labels[1]["scores"] as? [String: Any])?["dice"] is NSNull
          && labels[1]["empty"] as? String == "reference")
      #expect((json?["counts"] as? [String: Int])?["withoutPrediction"] == 1)
      #expect(throws: VoxtileError.self) { try found.write(to: "\(folder)/scores") }
      try found.write(to: "\(folder)/scores", replacing: true)
      #expect(try found.write(to: "\(folder)/only.csv") == ["\(folder)/only.csv"])
    }
  }

  @Test(
    "predictions that are called otherwise are found by a template, and what does not match says what is expected"
  )
  func names() throws {
    try withTemporaryFolder { folder in
      try make("\(folder)/truth", ["a.nii": labels([(1, left)])])
      try make("\(folder)/predicted", ["a_seg.nii.gz": labels([(1, left)])])
      let error = #expect(throws: VoxtileError.self) {
        try EvaluationPairs(predictions: "\(folder)/predicted", references: "\(folder)/truth")
      }
      #expect(error?.message.contains("there is 'a_seg', but for 'a' it should be 'a'") == true)
      let pairs = try EvaluationPairs(
        predictions: "\(folder)/predicted", references: "\(folder)/truth", name: "{case}_seg")
      #expect(pairs.pairs.map(\.name) == ["a"] && pairs.withoutReference.isEmpty)
      let single = try EvaluationPairs(
        predictions: "\(folder)/predicted/a_seg.nii.gz", references: "\(folder)/truth/a.nii")
      #expect(single.pairs.map(\.name) == ["a"])
      let mixed = try EvaluationPairs(
        predictions: "\(folder)/predicted/a_seg.nii.gz", references: "\(folder)/truth", name: "{case}_seg")
      #expect(mixed.pairs == pairs.pairs)
    }
  }

  @Test("labels are named by dataset.json of either version, and by the record beside a prediction")
  func labelNames() throws {
    try withTemporaryFolder { folder in
      try writeFile(
        Array(#"{"labels": {"0": "background", "1": "liver"}}"#.utf8), to: "\(folder)/dataset.json")
      #expect(LabelNames(besideReferences: folder)[1] == "liver")
      #expect(LabelNames(besideReferences: "\(folder)/a.nii")[1] == "liver")
      try writeFile(
        Array(
          #"{"version": 1, "labels": [{"label": 1, "name": "organ"}, {"label": 2, "name": "tumor"}]}"#.utf8),
        to: "\(folder)/p.nii.voxtile.json")
      let names = LabelNames(besideReferences: folder).adding(LabelNames(besidePrediction: "\(folder)/p.nii"))
      #expect(names[1] == "liver" && names[2] == "tumor" && names[3] == nil)
      for text in ["", "[]", #"{"labels": 3}"#, #"{"labels": {"1": null}}"#] {
        try writeFile(Array(text.utf8), to: "\(folder)/dataset.json")
        #expect(LabelNames(besideReferences: folder)[1] == nil)
      }
    }
  }
}
