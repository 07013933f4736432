import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@Suite("voxtile verify")
struct VerifyCommandTests {
  private struct Report: Decodable {
    struct Finding: Decodable {
      let kind: String
      let patch: Int
      let file: String
      let message: String
    }
    let folder: String
    let patches: Int
    let coveredVoxels: Int
    let lostVoxels: Int
    let isComparedWithInput: Bool
    let isVerified: Bool
    let findings: [Finding]
    let unlistedFiles: [String]
  }

  @Test("what is wrong is listed on standard output, with exit status 1")
  func findings() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(8))
      #expect(try program("crop", "a.nii", "--patch", "4", "--overlap", "0", "-o", "p").status == 0)
      let intact = try program("verify", "p", "--against", "a.nii")
      #expect(intact.status == 0 && intact.messages.isEmpty)
      #expect(intact.output == "8 patches, all as written, and with the voxels of a.nii\n")

      let (missing, flipped) = ("patch_0003_x004_y004_z000.nii", "patch_0005_x004_y000_z004.nii")
      try FileManager.default.removeItem(atPath: program.path("p/\(missing)"))
      var bytes = try fileBytes(program.path("p/\(flipped)"))
      bytes[400] ^= 1
      try writeFile(bytes, to: program.path("p/\(flipped)"))
      try writeFile([], to: program.path("p/notes.txt"))
      let damaged = try program("verify", "p", "--against", "a.nii")
      #expect(damaged.status == 1)
      let lines = damaged.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 3)
      #expect(lines.first == "\(missing): missing: the file of patch 3 is missing")
      #expect(lines.contains { $0.hasPrefix("\(flipped): corrupt: checksum is crc32:") })
      #expect(lines.contains { $0.hasPrefix("\(flipped): different: 1 value is not the image's") })
      #expect(damaged.messages == "not in the manifest: notes.txt\n")

      let json = try program("verify", "p", "--json")
      let report = try json.json(Report.self)
      #expect(json.status == 1 && !report.isVerified && !report.isComparedWithInput && report.patches == 8)
      #expect(
        report.findings.map(\.kind) == ["missing", "corrupt"] && report.findings.map(\.patch) == [3, 5])
      #expect(report.unlistedFiles == ["notes.txt"] && report.coveredVoxels == 512 && report.lostVoxels == 0)
    }
  }

  @Test("what no patch holds is noted, and no finding")
  func lost() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(7))
      #expect(
        try program("crop", "a.nii", "--patch", "4", "--overlap", "0", "--edge", "discard", "-o", "p").status
          == 0)
      let run = try program("verify", "p")
      #expect(run.status == 0 && run.output == "1 patch, all as written\n")
      #expect(run.messages == "279 voxels of the image in no patch\n")
    }
  }

  @Test("a missing patch folder is an error, not a finding")
  func noFolder() throws {
    try withProgram { program in
      let run = try program("verify", "none", "--json")
      #expect(run.status == 1 && run.output.isEmpty && run.messages.contains("none: does not exist"))
    }
  }
}
