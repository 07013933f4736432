import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile evaluate")
struct EvaluateCommandTests {
  private struct Result: Decodable {
    struct Case: Decodable {
      struct Label: Decodable {
        let label: Int
        let empty: String?
        let scores: [String: Double?]
      }
      let name: String
      let labels: [Label]
    }
    let counts: [String: Int]
    let cases: [Case]
  }

  /// Writes a map with a cube of label 1, and one of label 2 where asked for.
  private func makeLabels(_ program: Program, _ name: String, at start: Int, alsoTwo: Bool = false) throws {
    var volume = Volume<UInt8>(extent: Extent(12), repeating: 0)
    for place in Extent(4).positions { volume[x: start + place.x, y: 2 + place.y, z: 2 + place.z] = 1 }
    if alsoTwo { volume[x: 11, y: 11, z: 11] = 2 }
    try FileManager.default.createDirectory(
      atPath: program.path(name).parentFolder, withIntermediateDirectories: true)
    try volume.write(to: program.path(name))
  }

  @Test("two files: a table, JSON, and files for other programs")
  func files() throws {
    try withProgram { program in
      try makeLabels(program, "p.nii.gz", at: 3, alsoTwo: true)
      try makeLabels(program, "t.nii", at: 2)
      let run = try program("evaluate", "p.nii.gz", "t.nii", "--lesions", "all")
      #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
      for words in [
        "1 of 1 case evaluated", "HD95 mm", "0.75", "lesion F1", "label 2: Dice 1 (not in the truth)",
      ] {
        #expect(run.output.contains(words), "\(words) in \(run.output)")
      }
      let json = try program("evaluate", "p.nii.gz", "t.nii", "--json", "-o", "s.json", "--surface", "voxel")
      let result = try json.json(Result.self)
      #expect(result.cases[0].labels.map(\.empty) == [nil, "reference"])
      #expect(result.cases[0].labels[0].scores["dice"] == 0.75)
      #expect(result.cases[0].labels[0].scores["hausdorff95Millimeters"] == 1)
      #expect(result.cases[0].labels[1].scores["dice"] == .some(nil))
      #expect(try String(decoding: fileBytes(program.path("s.json")), as: UTF8.self) == json.output)
      try expectFits(readObject(program.path("s.json")), "voxtile-evaluation-1.schema.json")
      let again = try program("evaluate", "p.nii.gz", "t.nii", "-o", "s.json")
      #expect(again.status == 1 && again.messages.contains("--force"), "\(again.messages)")
    }
  }

  @Test("two folders: what is missing is named, and the exit status is 1")
  func folders() throws {
    try withProgram { program in
      for name in ["a", "b"] { try makeLabels(program, "truth/\(name).nii.gz", at: 2) }
      for name in ["a", "c"] { try makeLabels(program, "predicted/\(name).nii.gz", at: 2) }
      let run = try program("evaluate", "predicted", "truth", "-o", "scores")
      #expect(run.status == 1)
      #expect(run.output.contains("1 of 2 cases evaluated, 1 without a prediction, 1 without true labels"))
      #expect(run.messages.contains("Error: b: no prediction for truth/b.nii.gz"))
      #expect(run.messages.contains("without true labels, and left out: predicted/c.nii.gz"))
      #expect(try fileNames(in: program.path("scores")) == ["evaluation.csv", "evaluation.json"])
      try expectFits(
        readObject(program.path("scores/evaluation.json")), "voxtile-evaluation-1.schema.json")
      try FileManager.default.removeItem(atPath: program.path("truth/b.nii.gz"))
      #expect(try program("evaluate", "predicted", "truth").status == 0)
    }
  }

  @Test("wrong usage and maps that cannot be compared are refused")
  func refusals() throws {
    try withProgram { program in
      try makeLabels(program, "p.nii", at: 3)
      try program.makeImage("t.nii", Extent(5), as: UInt8.self, limit: 1)
      for arguments in [
        ["--tolerance", "-1"], ["--label-values", "0"], ["--label-values", "x"], ["--lesions", "some"],
        ["--surface", "edge"], ["--name", "seg"], ["--jobs", "0"],
      ] {
        let run = try program.run(["evaluate", "p.nii", "p.nii"] + arguments)
        #expect(run.status == 64, "\(arguments): \(run.messages)")
      }
      let run = try program("evaluate", "p.nii", "t.nii")
      #expect(run.status == 1)
      #expect(run.messages.contains("the prediction is 12x12x12, but t.nii is 5x5x5"), "\(run.messages)")
      let overwriting = try program("evaluate", "p.nii", "p.nii", "-o", "none/p.csv")
      #expect(overwriting.status == 1)
    }
  }
}
