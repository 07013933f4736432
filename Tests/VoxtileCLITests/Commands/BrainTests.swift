import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

private func brainPath(_ name: String) -> String { "/usr/share/mricron/templates/\(name).nii.gz" }

/// The real brains of Debian's `mricron-data`, where that is installed.
@Suite("Real brains", .enabled(if: FileManager.default.fileExists(atPath: brainPath("ch2"))))
struct BrainTests {
  /// Each brain under each policy; in a debug build, which merges slowly, each policy once.
  private static let cases: [(name: String, edge: EdgePolicy)] = {
    let cases = EdgePolicy.allCases.flatMap { edge in ["ch2", "aal"].map { (name: $0, edge: edge) } }
    #if DEBUG
      return cases.indices.filter { $0 % 4 == 0 || $0 % 4 == 3 }.map { cases[$0] }
    #else
      return cases
    #endif
  }()

  @Test("Colin27 and the AAL labels come back bit for bit, and discard loses what it says", arguments: cases)
  func roundTrip(name: String, edge: EdgePolicy) throws {
    try withProgram { program in
      let brain = brainPath(name)
      let crop = try program(
        "crop", brain, "--patch", "128x150x100", "--overlap", "16", "--edge", "\(edge)", "--format", "nii",
        "-o", "p")
      #expect(crop.status == 0, "\(crop.messages)")
      let merge = try program("merge", "p", "-o", "b.nii", "--fill", "255")
      #expect(merge.status == 0, "\(merge.messages)")

      let (found, expected) = (try program.info("b.nii"), try program.info(brain))
      let affines = zip(found.metadata.affine.rows.joined(), expected.metadata.affine.rows.joined())
      #expect(affines.allSatisfy { abs($0 - $1) <= 1e-6 })
      #expect(found.extent == expected.extent && found.isLabelMap == expected.isLabelMap)
      let (merged, original) = (try program.voxels("b.nii"), try program.voxels(brain))
      guard edge == .discard else {
        #expect(merged == original)
        #expect(crop.messages.isEmpty)
        return
      }
      // Neither brain has the value 255 in what is lost, so it marks the lost voxels.
      let different = zip(merged, original).count { $0 != $1 }
      let lost = 181 * 217 * 181 - 128 * 150 * 100
      #expect(different == lost)
      let said = "\(lost / 1_000_000),\(lost / 1000 % 1000),\(lost % 1000) voxels"
      #expect(crop.messages.contains(said) && merge.messages.contains(said), "\(said): \(crop.messages)")
    }
  }
}
