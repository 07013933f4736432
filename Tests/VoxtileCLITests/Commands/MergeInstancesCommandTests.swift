import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("voxtile merge --blend instances")
struct MergeInstancesCommandTests {
  /// Cuts a row of 12 pixels into two patches of 8 that share 4, and writes the objects that a tool found in them.
  private func withObjects(_ values: [[Int32]], _ body: (Program) throws -> Void) throws {
    try withProgram { program in
      try Volume<Int16>(extent: Extent(width: 12, height: 1), repeating: 0).write(to: program.path("a.nii"))
      let crop = try program("crop", "a.nii", "--patch", "8x1", "--overlap", "4x0", "-o", "p")
      #expect(crop.status == 0, "\(crop)")
      try FileManager.default.createDirectory(
        atPath: program.path("o"), withIntermediateDirectories: false)
      let patches = try FileManager.default.contentsOfDirectory(atPath: program.path("p"))
        .filter { $0.hasSuffix(".nii") }.sorted()
      for (patch, row) in zip(patches, values) {
        try Volume(extent: Extent(width: 8, height: 1), voxels: row).write(to: program.path("o/\(patch)"))
      }
      try body(program)
    }
  }

  private static let merge = [
    "merge", "o", "--manifest", "p/voxtile.json", "--ignore-positions", "-o", "m.nii", "--force",
    "--blend", "instances",
  ]

  @Test("objects of two patches get one numbering, and it is said how many were joined")
  func joined() throws {
    try withObjects([[1, 1, 0, 0, 2, 2, 0, 0], [1, 1, 0, 0, 0, 0, 2, 2]]) { program in
      let run = try program.run(Self.merge)
      #expect(run.status == 0, "\(run)")
      #expect(
        run.messages.contains(
          "3 instances of 4 objects in patches, 1 of them joined at an IoU of at least 0.5"))
      let values = try Volume<UInt32>(contentsOf: program.path("m.nii")).voxels
      #expect(values == [1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 3, 3])
    }
  }

  @Test("the least IoU is an option, and pairs that were not joined are named")
  func threshold() throws {
    try withObjects([[0, 0, 0, 0, 5, 5, 5, 5], [1, 0, 0, 0, 0, 0, 0, 0]]) { program in
      let apart = try program.run(Self.merge)
      #expect(apart.status == 0)
      #expect(apart.messages.contains("1 pair of objects of two patches that share voxels were not joined"))
      let joined = try program.run(Self.merge + ["--instance-iou", "0.25"])
      #expect(joined.status == 0 && joined.messages.contains("1 of them joined at an IoU of at least 0.25"))
    }
  }

  @Test("options that do not fit are refused")
  func refused() throws {
    try withObjects([[-1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]]) { program in
      let negative = try program.run(Self.merge)
      #expect(negative.status == 1 && negative.messages.contains("holds -1, which is no instance"))
      #expect(!FileManager.default.fileExists(atPath: program.path("m.nii")))
      let wide = try program.run(Self.merge + ["--instance-iou", "1.5"])
      #expect(wide.status == 64 && wide.messages.contains("it is from 0 to 1"))
      let alone = try program.run(
        ["merge", "o", "--manifest", "p/voxtile.json", "-o", "m.nii", "--instance-iou", "0.5"])
      #expect(alone.status == 64 && alone.messages.contains("needs --blend instances"))
    }
  }
}
