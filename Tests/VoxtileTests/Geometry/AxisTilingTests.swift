import Testing
import Voxtile
import VoxtileTestSupport

/// Lengths, patches, overlaps and policies are few enough to try every combination up to 12.
@Suite("Axis tiling") struct AxisTilingTests {
  @Test("every policy lays its patches where its definition says")
  func placement() throws {
    for axis in AxisCase.all(upTo: 12) {
      for edge in EdgePolicy.allCases {
        guard let naive = NaiveTiling(axis, edge: edge) else { continue }
        let tiling = try AxisTiling(axis, edge: edge)
        #expect(tiling.count == naive.ranges.count, "\(axis), \(edge)")
        #expect(tiling.starts == naive.starts, "\(axis), \(edge)")
        #expect(tiling.ranges == naive.ranges, "\(axis), \(edge)")
        let valid = naive.ranges.map { max($0.lowerBound, 0)..<min($0.upperBound, axis.length) }
        #expect(tiling.starts.indices.map(tiling.validRange) == valid, "\(axis), \(edge)")
        #expect(tiling.length == axis.length, "\(axis), \(edge)")
      }
    }
  }

  @Test("a tiling is refused exactly where the policy cannot serve a smaller image")
  func refusal() {
    for axis in AxisCase.all(upTo: 12) {
      for edge in EdgePolicy.allCases {
        let isSolved = (try? AxisTiling(axis, edge: edge)) != nil
        let neverFails = edge == .partial || edge == .pad(.end) || edge == .pad(.both)
        #expect(isSolved == (neverFails || axis.patch <= axis.length), "\(axis), \(edge)")
      }
    }
  }

  @Test("the patches over a voxel are those whose range holds it")
  func covering() throws {
    for (tiling, naive, note) in try solved(upTo: 12) {
      for voxel in -tiling.patch - 1...tiling.length + tiling.patch + 1 {
        let patches = Array(tiling.patches(covering: voxel))
        #expect(patches == naive.patches(covering: voxel), "voxel \(voxel), \(note)")
      }
    }
  }

  @Test("counts, uncovered runs and the covered count agree with counting each voxel")
  func counts() throws {
    for (tiling, naive, note) in try solved(upTo: 12) {
      let counts = (0..<tiling.length).map { naive.patches(covering: $0).count }
      #expect(tiling.counts == counts, "\(note)")
      #expect(tiling.uncovered.flatMap(Array.init) == counts.indices.filter { counts[$0] == 0 }, "\(note)")
      #expect(tiling.coveredCount == counts.count { $0 > 0 }, "\(note)")
      #expect(tiling.patchVoxels == naive.ranges.reduce(0) { $0 + $1.count }, "\(note)")
    }
  }

  @Test("no policy but discard loses a voxel, and discard loses only the tail behind its last patch")
  func completeness() throws {
    for (tiling, _, note) in try solved(upTo: 12) where !note.hasSuffix("discard") {
      #expect(tiling.uncovered.isEmpty && tiling.coveredCount == tiling.length, "\(note)")
    }
    for axis in AxisCase.all(upTo: 12) where axis.patch <= axis.length {
      let tiling = try AxisTiling(axis, edge: .discard)
      let tail = (axis.length - axis.patch) % (axis.patch - axis.overlap)
      #expect(tiling.uncovered == (tail == 0 ? [] : [axis.length - tail..<axis.length]), "\(axis)")
    }
  }

  @Test("starts ascend, never twice the same")
  func ascending() throws {
    for (tiling, _, note) in try solved(upTo: 12) {
      #expect(tiling.gaps.allSatisfy { $0 > 0 }, "\(note)")
    }
  }

  @Test("random long axes are tiled as the definition says")
  func longAxes() throws {
    for var random in SplitMix64.cases(300, from: 2026) {
      let axis = AxisCase.random(lengths: 13...700, using: &random)
      for edge in EdgePolicy.allCases {
        let tiling = try AxisTiling(axis, edge: edge)
        let naive = try #require(NaiveTiling(axis, edge: edge))
        #expect(tiling.ranges == naive.ranges, "\(axis), \(edge), \(random)")
        let voxel = Int.random(in: 0..<axis.length, using: &random)
        #expect(
          Array(tiling.patches(covering: voxel)) == naive.patches(covering: voxel),
          "voxel \(voxel), \(axis), \(edge), \(random)")
        #expect(tiling.counts[voxel] == naive.patches(covering: voxel).count, "\(axis), \(edge), \(random)")
      }
    }
  }
}

extension AxisTilingTests {
  /// Every small case with every policy that serves it, its reference, and a note for messages.
  private func solved(upTo limit: Int) throws -> [(AxisTiling, NaiveTiling, String)] {
    try AxisCase.all(upTo: limit).flatMap { axis in
      try EdgePolicy.allCases.compactMap { edge in
        guard let naive = NaiveTiling(axis, edge: edge) else { return nil }
        return (try AxisTiling(axis, edge: edge), naive, "\(axis), \(edge)")
      }
    }
  }
}

extension AxisTiling {
  /// Solves a case along x.
  init(_ axis: AxisCase, edge: EdgePolicy) throws(VoxtileError) {
    try self.init(
      length: axis.length, patch: axis.patch, overlap: .voxels(axis.overlap), edge: edge, axis: .x)
  }

  /// All patches, half-open.
  var ranges: [Range<Int>] { starts.indices.map(range) }

  /// From one start to the next.
  var gaps: [Int] { zip(starts.dropFirst(), starts).map { $0 - $1 } }
}
