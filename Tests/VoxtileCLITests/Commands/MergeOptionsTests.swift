import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile merge: other tools' patches")
struct MergeOptionsTests {
  /// Cuts a row of 12 voxels into two patches of 8, and writes another tool's values for them to the folder `o`.
  private func withPatches(
    _ values: [[Float]], names: (String) -> String = { "\($0).nii" },
    _ body: (Program) throws -> Void
  ) throws {
    try withProgram { program in
      let extent = Extent(width: 12, height: 5)
      try Volume<Int16>(extent: extent, repeating: 0).write(to: program.path("a.nii"))
      let crop = try program("crop", "a.nii", "--patch", "8x5", "--overlap", "4x0", "-o", "p")
      #expect(crop.status == 0, "\(crop)")
      try FileManager.default.createDirectory(
        atPath: program.path("o"), withIntermediateDirectories: false)
      let patches = try FileManager.default.contentsOfDirectory(atPath: program.path("p"))
        .filter { $0.hasSuffix(".nii") }.sorted()
      for (patch, row) in zip(patches, values) {
        let voxels = (0..<5).flatMap { _ in row }
        let volume = try Volume(extent: Extent(width: 8, height: 5), voxels: voxels)
        try volume.write(to: program.path("o/\(names(String(patch.dropLast(4))))"))
      }
      try body(program)
    }
  }

  private static let ones: [Float] = [1, 1, 1, 1, 1, 1, 1, 1]

  @Test("a missing patch is an error that names both ways out, and is filled where asked for")
  func missing() throws {
    try withPatches([Self.ones]) { program in
      let merge = ["merge", "o", "--manifest", "p/voxtile.json", "-o", "m.nii"]
      let refused = try program.run(merge)
      #expect(refused.status == 1 && !FileManager.default.fileExists(atPath: program.path("m.nii")))
      #expect(refused.messages.contains("has no file for patch 1"))
      #expect(refused.messages.contains("--missing fill") && refused.messages.contains("--pattern"))
      let filled = try program.run(merge + ["--missing", "fill", "--fill", "nan"])
      #expect(filled.status == 0, "\(filled)")
      #expect(filled.messages.contains("1 patch has no file, the first being patch 1"))
      #expect(filled.messages.contains("20 pixels are in no patch, with the fill value nan"))
      let values = try Volume<Float>(contentsOf: program.path("m.nii")).voxels
      #expect(values[..<8] == [1, 1, 1, 1, 1, 1, 1, 1] && values[8..<12].allSatisfy(\.isNaN))
    }
  }

  @Test("NaN is counted, ignored or refused")
  func nan() throws {
    let second: [Float] = [.nan, 0.5, 0.25, 2.5, 0.5, 0.5, .nan, 0.5]
    try withPatches([[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 2.5], second]) { program in
      let merge = ["merge", "o", "--manifest", "p/voxtile.json", "-o", "m.nii", "--force"]
      let spread = try program.run(merge)
      #expect(spread.status == 0 && spread.messages.contains("10 NaN values in patch 1; --nan ignore"))
      #expect(spread.messages.contains("merged by average: values such as 0.5 are not labels"))
      #expect(try Volume<Float>(contentsOf: program.path("m.nii")).voxels[4].isNaN)
      let ignored = try program.run(merge + ["--nan", "ignore", "--fill", "-1"])
      #expect(ignored.status == 0 && ignored.messages.contains("they did not count"))
      let values = try Volume<Float>(contentsOf: program.path("m.nii")).voxels
      #expect(values[4] == 0.5 && values[10] == -1)
      let refused = try program.run(merge + ["--nan", "error"])
      #expect(
        refused.status == 1
          && refused.messages.contains("patch 1 has 10 values that are NaN; use --nan ignore"))
    }
  }

  @Test("a pattern finds any name")
  func pattern() throws {
    try withPatches([Self.ones, Self.ones], names: { "x_\($0)_y.nii" }) { program in
      let merge = ["merge", "o", "--manifest", "p/voxtile.json", "-o", "m.nii"]
      let refused = try program.run(merge)
      #expect(refused.status == 1 && refused.messages.contains("x_patch_0000"), "\(refused)")
      #expect(try program.run(merge + ["--pattern", "x_{name}_y"]).status == 0)
      let verify = try program(
        "verify", "o", "--manifest", "p/voxtile.json", "--pattern", "x_{name}_y.nii")
      #expect(verify.status == 0 && verify.output.contains("all there, readable"), "\(verify)")
    }
  }

  @Test("values that the type cannot hold are counted, on the page too")
  func saturated() throws {
    try withPatches([[0.5, 300, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, -4.5, 1]]) { program in
      let merge = try program(
        "merge", "o", "--manifest", "p/voxtile.json", "-o", "m.nii", "--type", "uint8", "--report", "m.html")
      #expect(merge.status == 0, "\(merge)")
      let words = "10 values outside of the range of uint8 became the nearest value inside"
      #expect(merge.messages.contains(words))
      #expect(try String(contentsOfFile: program.path("m.html"), encoding: .utf8).contains(words))
    }
  }
}
