import Testing
import Voxtile

/// Starts that other systems give, where one of our policies has the same rule.
@Suite("Placements of other systems") struct PeerPlacementTests {
  private func starts(_ length: Int, _ patch: Int, _ overlap: Overlap, _ edge: EdgePolicy) throws -> [Int] {
    try AxisTiling(length: length, patch: patch, overlap: overlap, edge: edge, axis: .x).starts
  }

  @Test("shift places patches like MONAI and TorchIO")
  func shift() throws {
    #expect(try starts(110, 64, .fraction(0.5), .shift) == [0, 32, 46])
    #expect(try starts(110, 64, .voxels(32), .shift) == [0, 32, 46])
    #expect(try starts(110, 64, .fraction(0.25), .shift) == [0, 46])
    #expect(try starts(100, 32, .fraction(0.5), .shift) == [0, 16, 32, 48, 64, 68])
    #expect(try starts(300, 128, .fraction(0.5), .shift) == [0, 64, 128, 172])
  }

  @Test("balance places patches like nnU-Net")
  func balance() throws {
    #expect(try starts(110, 64, .fraction(0.5), .balance) == [0, 23, 46])
    #expect(try starts(100, 32, .fraction(0.5), .balance) == [0, 14, 27, 41, 54, 68])
    #expect(try starts(300, 128, .fraction(0.5), .balance) == [0, 57, 115, 172])
  }

  @Test("pad places patches like MONAI's splitter")
  func pad() throws {
    let tiling = try AxisTiling(
      length: 300, patch: 128, overlap: .fraction(0.25), edge: .pad(.end), axis: .x)
    #expect(tiling.starts == [0, 96, 192])
    #expect(tiling.paddingAfter == 20)
  }
}
