import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@Suite("--json of commands that write images")
struct FileRecordTests {
  private struct Crop: Decodable {
    struct Plan: Decodable {
      var patches: Int
      var lostVoxels: Int
    }
    var output: String
    var manifest: String
    var plan: Plan
    var scalarType: String
    var remarks: [String]
  }

  private struct Merge: Decodable {
    var output: String
    var patches: Int
    var blend: String
    var isGuessed: Bool
    var missingPatches: [Int]
    var uncoveredVoxels: Int
    var nanValues: [String: Int]
    var remarks: [String]
  }

  private struct Conversion: Decodable {
    var output: String
    var extent: [Int]
    var scalarType: String
    var spacing: [Double]?
    var remarks: [String]
  }

  @Test("crop says what was written and what is lost")
  func crop() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(width: 20, height: 16, depth: 16))
      let run = try program.run(
        [
          "crop", "a.nii", "--patch", "16", "--overlap", "0", "--edge", "discard", "--output", "cut",
          "--json",
        ])
      let record = try run.json(Crop.self)
      #expect(run.status == 0 && record.output == "cut" && record.manifest == "cut/voxtile.json")
      #expect(record.plan.patches == 1 && record.plan.lostVoxels == 4 * 256 && record.scalarType == "int16")
      #expect(record.remarks.count == 2 && record.remarks.allSatisfy { run.messages.contains($0) })
      #expect(FileManager.default.fileExists(atPath: program.path(record.manifest)))
    }
  }

  @Test("merge says which blend was chosen, which patches are missing, and all that is warned of")
  func merge() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(32))
      _ = try program.run(["crop", "a.nii", "--patch", "16", "--overlap", "0", "--output", "cut"])
      let first = try #require(
        FileManager.default.contentsOfDirectory(atPath: program.path("cut")).filter { $0.hasSuffix(".nii") }
          .min())
      try FileManager.default.removeItem(atPath: program.path("cut/\(first)"))
      let run = try program.run(["merge", "cut", "--missing", "fill", "--output", "o.nii", "--json"])
      let record = try run.json(Merge.self)
      #expect(run.status == 0 && record.output == "o.nii" && record.patches == 8)
      #expect(record.blend == "average" && record.isGuessed && record.nanValues.isEmpty)
      #expect(record.missingPatches == [0] && record.uncoveredVoxels == 4096)
      #expect(record.remarks.count == 3 && record.remarks.allSatisfy { run.messages.contains($0) })
    }
  }

  @Test("convert says what was written, and what was lost")
  func convert() throws {
    try withProgram { program in
      var volume = Volume<Float>(extent: Extent(4))
      volume[x: 0, y: 0, z: 0] = 300
      try volume.write(to: program.path("a.nii"))
      let run = try program.run(["convert", "a.nii", "b.nii", "--type", "uint8", "--json"])
      let record = try run.json(Conversion.self)
      #expect(run.status == 0 && record.output == "b.nii" && record.extent == [4, 4, 4])
      #expect(record.scalarType == "uint8" && record.spacing == [1, 1, 1])
      #expect(!record.remarks.isEmpty && record.remarks.allSatisfy { run.messages.contains($0) })
    }
  }

  @Test("of many scans, the record is that of the run", arguments: ["crop", "convert"])
  func many(command: String) throws {
    struct Run: Decodable {
      struct Scan: Decodable { var name: String }
      var rows: [Scan]
    }
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      for name in ["a", "b"] { try program.makeImage("scans/\(name).nii", Extent(16)) }
      let run = try program.run(
        command == "crop"
          ? ["crop", "scans", "--patch", "8", "--output", "cut", "--json"]
          : ["convert", "scans", "cut", "--json"])
      let names = try run.json(Run.self).rows.map(\.name)
      #expect(run.status == 0 && names == ["a", "b"])
    }
  }

  @Test("JSON that cannot be written is a failure, and the image is complete all the same")
  func fullDisk() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(16))
      let command = "exec \"$0\" \"$@\" > /dev/full"
      let json = try program.shell(command, ["convert", "a.nii", "b.nii", "--json"]).wait()
      #expect(json.status == 1 && json.messages.contains("b.nii is complete"))
      let text = try program.shell(command, ["convert", "a.nii", "c.nii"]).wait()
      #expect(text.status == 0 && text.messages.contains("c.nii is complete"))
      #expect(FileManager.default.fileExists(atPath: program.path("b.nii")))
    }
  }
}
