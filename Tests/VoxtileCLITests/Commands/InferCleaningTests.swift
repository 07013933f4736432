import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// What `voxtile infer` frees labels of before it writes them.
@Suite(
  "voxtile infer: cleaned labels",
  .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct InferCleaningTests {
  private static let extent = Extent(width: 20, height: 18, depth: 16)
  private static let cleaning = ["--min-volume", "20voxels", "--keep-largest", "all", "--fill-holes", "all"]

  /// The parts of a record that are looked at.
  private struct Record: Decodable {
    struct Settings: Decodable {
      var cleaning: [String: Value]?
    }
    enum Value: Decodable, Equatable {
      case text(String)
      case number(Int)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self =
          try (try? container.decode(Int.self)).map { .number($0) } ?? .text(container.decode(String.self))
      }
    }
    var settings: Settings
  }

  private func infer(_ program: Program, _ arguments: [String]) throws -> Program.Run {
    // Labels are 1 above 27,000: a tenth of the voxels, at random.
    try program.run(
      ["infer", "--model", model("two_classes"), "--normalize", "ct:0,30000,27000,1", "--spacing", "keep"]
        + arguments)
  }

  private func voxels(_ program: Program, _ name: String) throws -> [UInt8] {
    Array(try ImageFormats.open(program.path(name)).read(as: UInt8.self).voxels)
  }

  @Test("labels are those that convert makes of them afterward, and what changed is said and recorded")
  func sameAsConvert() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Self.extent)
      #expect(try infer(program, ["a.nii", "-o", "raw.nii"]).status == 0)
      #expect(try program.run(["convert", "raw.nii", "wanted.nii"] + Self.cleaning).status == 0)
      let run = try infer(
        program,
        ["a.nii", "-o", "b.nii", "-o", "c.nii", "--output-kind", "labels,confidence"] + Self.cleaning)
      #expect(run.status == 0, "\(run.messages)")
      let (raw, cleaned) = (try voxels(program, "raw.nii"), try voxels(program, "b.nii"))
      #expect(try cleaned == voxels(program, "wanted.nii") && cleaned != raw)
      let removed = zip(raw, cleaned).count { $0 != 0 && $1 == 0 }
      #expect(removed > 0 && run.messages.contains("cleaned: \(removed) voxels of labels became 0, "))
      let record = try JSONDecoder().decode(
        Record.self, from: Data(fileBytes(program.path("b.nii.voxtile.json"))))
      #expect(record.settings.cleaning?["removedVoxels"] == .number(removed))
      #expect(record.settings.cleaning?["minimumVoxels"] == .number(20))
      #expect(record.settings.cleaning?["keepLargest"] == .text("all"))
    }
  }

  @Test("of many scans, the summary counts the voxels that are written")
  func summary() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans"), withIntermediateDirectories: true)
      try program.makeImage("scans/a.nii", Self.extent)
      let run = try infer(program, ["scans", "-o", "out", "--json"] + Self.cleaning)
      #expect(run.status == 0, "\(run.messages)")
      let left = try voxels(program, "out/a.nii").count { $0 == 1 }
      #expect(left > 0 && run.output.replacing(" ", with: "").contains("\"voxels\":\(left)"), "\(run.output)")
      // Other options make other results.
      let again = try infer(program, ["scans", "-o", "out", "--resume", "--keep-largest", "all"])
      #expect(again.status == 0 && again.output.hasPrefix("1 of 1 scan done;"), "\(again)")
    }
  }

  @Test("each time point is cleaned by itself; without labels there is nothing to clean")
  func others() throws {
    try withProgram { program in
      try program.makeImage("series.nii", Self.extent, channels: 2)
      let all = ["series.nii", "--time-points", "separately"]
      #expect(try infer(program, all + ["-o", "raw.nii"]).status == 0)
      let run = try infer(program, all + ["-o", "b.nii", "--keep-largest", "1"])
      #expect(run.status == 0, "\(run.messages)")
      for time in ["1", "2"] {
        let cut = ["convert", "raw.nii", "one\(time).nii", "--channel", time]
        #expect(try program.run(cut + ["--keep-largest", "1"]).status == 0)
        #expect(try program.run(["convert", "b.nii", "got\(time).nii", "--channel", time]).status == 0)
        #expect(try voxels(program, "got\(time).nii") == voxels(program, "one\(time).nii"))
      }
      let wrong = try infer(
        program, ["series.nii", "-o", "c.nii", "--output-kind", "confidence", "--fill-holes", "all"])
      #expect(wrong.status == 64 && wrong.messages.contains("add labels to --output-kind"))
    }
  }
}
