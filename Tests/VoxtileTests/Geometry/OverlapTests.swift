import Testing
import Voxtile

@Suite("Overlap") struct OverlapTests {
  @Test("a fraction is the smallest whole number of voxels that is at least this part of the patch")
  func fractions() throws {
    let expected: [(part: Double, patch: Int, voxels: Int)] = [
      (0.25, 96, 24), (0.5, 96, 48), (0.1, 30, 3), (0.1, 31, 4), (0.5, 5, 3), (0.5, 1, 0),
      (0.99, 1, 0), (0.999, 8, 7), (0, 8, 0), (1.0 / 3, 96, 32), (2.0 / 3, 96, 64), (0.3, 10, 3),
      (0.7, 10, 7), (0.6, 5, 3), (0.07, 100, 7), (0.29, 100, 29), (0.625, 96, 60), (0.8, 512, 410),
    ]
    for (part, patch, voxels) in expected {
      #expect(try Overlap.fraction(part).voxels(patch: patch, axis: .x) == voxels, "\(part) of \(patch)")
    }
  }

  @Test("hundredths and whole parts of every patch are met exactly or rounded up")
  func everyHundredth() throws {
    for patch in 1...300 {
      for percent in 0..<100 {
        let voxels = try Overlap.fraction(Double(percent) / 100).voxels(patch: patch, axis: .x)
        let exact = (patch * percent + 99) / 100
        #expect(voxels == min(exact, patch - 1), "\(percent)% of \(patch)")
      }
    }
  }

  @Test("a fraction that is no part is refused with its value", arguments: [-0.01, 1, 1.5, .nan, .infinity])
  func badFractions(part: Double) throws {
    let error = #expect(throws: VoxtileError.self) {
      try Overlap.fraction(part).voxels(patch: 96, axis: .z)
    }
    #expect(error?.code == .invalidGrid)
    #expect(error?.message.contains("overlap fraction \(part) along z") == true)
    #expect(error?.context.axis == .z)
  }

  @Test("voxels are taken as they are, less than the patch")
  func voxels() throws {
    for overlap in 0..<12 {
      #expect(try Overlap.voxels(overlap).voxels(patch: 12, axis: .x) == overlap)
    }
    #expect(throws: VoxtileError.self) { try Overlap.voxels(12).voxels(patch: 12, axis: .x) }
    #expect(throws: VoxtileError.self) { try Overlap.voxels(-1).voxels(patch: 12, axis: .x) }
  }

  @Test("a description is what a person would write, and never traps")
  func descriptions() {
    #expect(Overlap.voxels(32).description == "32")
    #expect(Overlap.fraction(0.25).description == "25%")
    #expect(Overlap.fraction(0.07).description == "7%")
    #expect(Overlap.fraction(0.29).description == "29%")
    #expect(Overlap.fraction(0.625).description == "62.5%")
    for part in [Double.nan, .infinity, -.infinity, 1e300] {
      #expect(Overlap.fraction(part).description.hasSuffix("%"))
    }
  }

  @Test("one overlap for all axes is none along which the patch is one voxel thick")
  func thinPatch() {
    let overlap = PerAxis(Overlap.voxels(32), patch: Extent(width: 96, height: 64))
    #expect(overlap == PerAxis(x: .voxels(32), y: .voxels(32), z: .voxels(0)))
    let line = PerAxis(Overlap.fraction(0.5), patch: Extent(width: 1, height: 64, depth: 2))
    #expect(line == PerAxis(x: .voxels(0), y: .fraction(0.5), z: .fraction(0.5)))
  }
}
