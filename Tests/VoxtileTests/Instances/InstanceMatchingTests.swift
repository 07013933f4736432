import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Which objects of two patches are one") struct InstanceMatchingTests {
  /// A row of 12 pixels in two patches of 8 that share 4.
  private static func row() throws -> PatchGrid {
    try PatchGrid(
      over: Extent(width: 12, height: 1), patch: Extent(width: 8, height: 1), overlap: .voxels(4))
  }

  private func merged(
    _ rows: [[Int]], _ leastIoU: Double = 0.5
  ) throws -> (labels: [UInt32], report: InstanceReport) {
    let grid = try Self.row()
    let (labels, report) = try grid.mergeInstances(settings: .init(leastIoU: leastIoU)) { patch in
      try Volume<Int64>(extent: grid.patch, voxels: rows[patch.index].map(Int64.init))
    }
    return (labels.voxels, report)
  }

  @Test("an object is compared only where both patches see it")
  func sharedPart() throws {
    // The rest of both is far larger than what they share.
    let (labels, report) = try merged([[7, 7, 7, 7, 7, 0, 0, 0], [9, 0, 0, 0, 0, 0, 5, 5]])
    #expect(labels == [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 2, 2])
    #expect(report.instanceCount == 2 && report.joinedInstanceCount == 1 && report.objectCount == 3)
    #expect(report.leastIoU == 0.5)
  }

  @Test("the least IoU itself is enough, and less is not")
  func threshold() throws {
    // Shared: 3 against 2 pixels, 2 of them the same.
    let rows = [[0, 0, 0, 0, 1, 1, 1, 0], [1, 1, 0, 0, 0, 0, 0, 0]]
    #expect(try merged(rows, 2.0 / 3).report.instanceCount == 1)
    let apart = try merged(rows, (2.0 / 3).nextUp)
    #expect(apart.report.unjoinedPairCount == 1)
    // Pixels up to the middle of what they share belong to the first patch.
    #expect(apart.labels == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0])
    #expect(apart.report.instanceCount == 1 && apart.report.lostObjectCount == 1)
  }

  @Test(
    "of two objects that one of the other patch meets, the one with the larger IoU is joined, and with 0 both"
  )
  func ambiguous() throws {
    let rows = [[0, 0, 0, 0, 3, 3, 3, 3], [1, 1, 1, 2, 2, 2, 2, 2]]
    let (labels, report) = try merged(rows)
    #expect(labels == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2])
    #expect(report.joinedInstanceCount == 1 && report.unjoinedPairCount == 1)
    let (joined, all) = try merged(rows, 0)
    #expect(Set(joined[4...]) == [1] && all.instanceCount == 1 && all.unjoinedPairCount == 0)
    // A least IoU near 0 does not join a second object: only 0 does.
    #expect(try merged(rows, 1e-9).report.instanceCount == 2)
  }

  @Test("of two objects with the same IoU the one that is met first is joined, whatever their numbers are")
  func tie() throws {
    for (first, second) in [(1, 2), (2, 1), (1 << 40, 6)] {
      let (labels, report) = try merged([
        [0, 0, 0, 0, 3, 3, 3, 3], [first, first, second, second, second, 0, 0, 0],
      ])
      #expect(labels == [0, 0, 0, 0, 1, 1, 2, 2, 2, 0, 0, 0], "\(first) \(second)")
      #expect(report.joinedInstanceCount == 1 && report.unjoinedPairCount == 1)
    }
  }

  @Test("an object that only a patch sees at its edge, where another one decides, is lost and counted")
  func lost() throws {
    let (labels, report) = try merged([[0, 0, 0, 0, 0, 0, 0, 4], [0, 0, 0, 0, 0, 0, 0, 0]])
    #expect(labels.allSatisfy { $0 == 0 })
    #expect(report.objectCount == 1 && report.lostObjectCount == 1 && report.instanceCount == 0)
  }

  @Test("a third patch joins two objects of one, as the arms of a U")
  func arms() throws {
    let grid = try PatchGrid(
      over: Extent(width: 5, height: 6), patch: Extent(width: 5, height: 4), overlap: .voxels(2))
    let mask = [
      1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ]
    let cut = try CutInstances(components: mask.map { $0 == 1 }, grid)
    #expect(try cut.merged(.init(leastIoU: 0)).labels == mask)
    // One object against two: the larger arm fits best, and the other one stays apart.
    let (labels, report) = try cut.merged()
    #expect(report.instanceCount == 2 && report.unjoinedPairCount == 1)
    #expect(labels[0] == 1 && labels[4] == 2 && labels[25] == 1)
  }

  @Test(
    "values that are no objects are refused with the number of the patch",
    arguments: [-1.0, 0.5, .nan, 0x1p60])
  func refused(value: Double) throws {
    let grid = try Self.row()
    let matcher = try InstanceMatcher(grid: grid)
    var volume = Volume<Double>(extent: grid.patch, repeating: 0)
    volume[x: 6, y: 0] = value
    let error = #expect(throws: VoxtileError.self) { try matcher.add(volume, at: grid[1]) }
    #expect(error?.code == .typeMismatch && error?.message.contains("patch 1 holds") == true)
    // The matcher is as it was.
    volume[x: 6, y: 0] = 1
    try matcher.add(volume, at: grid[1])
    try matcher.add(volume, at: grid[0])
    #expect(try matcher.finish().report.unjoinedPairCount == 0)
  }

  @Test("made-up voxels may hold anything")
  func padding() throws {
    let grid = try PatchGrid(
      over: Extent(width: 9, height: 1), patch: Extent(width: 8, height: 1), overlap: .voxels(4),
      edge: .pad(.end))
    let (labels, report) = try grid.mergeInstances { patch in
      try Volume<Float>(
        extent: grid.patch,
        voxels: patch.index == 0 ? [1, 0, 0, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 2, -1, 8, .nan])
    }
    #expect(labels.voxels == [1, 0, 0, 0, 0, 0, 0, 0, 2] && report.objectCount == 2)
  }

  @Test("several channels, patches that share nothing and an IoU above 1 are refused")
  func misuse() throws {
    let grid = try Self.row()
    let color = Volume<UInt8>(extent: grid.patch, channels: 3)
    var error = #expect(throws: VoxtileError.self) {
      try grid.mergeInstances { _ in color }
    }
    #expect(error?.code == .shapeMismatch)
    for value in [-0.1, 1.1, .nan] {
      error = #expect(throws: VoxtileError.self) {
        _ = try InstanceSettings(leastIoU: value).check(for: grid)
      }
      #expect(error?.code == .invalidOption)
    }
    let apart = try PatchGrid(
      over: Extent(width: 8, height: 4), patch: Extent(width: 4, height: 4), overlap: .voxels(0))
    error = #expect(throws: VoxtileError.self) { try InstanceSettings().check(for: apart) }
    #expect(error?.code == .invalidOption && error?.message.contains("share") == true)
    // One patch has nobody to share with, and is numbered.
    let one = try PatchGrid(over: Extent(4), patch: Extent(4), overlap: .voxels(0))
    try InstanceSettings().check(for: one)
  }

  @Test("tables that become larger than allowed end the merge, in either pass")
  func tables() throws {
    let extent = Extent(width: 64, height: 64)
    let grid = try PatchGrid(over: extent, patch: Extent(width: 40, height: 40), overlap: .voxels(16))
    let patch = try Volume<Int32>(extent: grid.patch, voxels: (1...1600).map { Int32($0) })
    for bytes in [1 << 10, 1 << 16] {
      let error = #expect(throws: VoxtileError.self) {
        try grid.mergeInstances(settings: .init(tableBytes: bytes)) { _ in patch }
      }
      #expect(error?.code == .memoryTooLow && error?.context.neededBytes ?? 0 > bytes)
    }
    let labels = try grid.mergeInstances(settings: .init(tableBytes: 1 << 22)) { _ in patch }
    #expect(labels.report.instanceCount > 1000)
  }

  @Test("a matcher whose tables became too large takes no patch and tells no numbers")
  func failed() throws {
    let grid = try PatchGrid(
      over: Extent(width: 64, height: 40), patch: Extent(width: 40, height: 40), overlap: .voxels(16))
    let patch = try Volume<Int32>(extent: grid.patch, voxels: (1...1600).map { Int32($0) })
    let matcher = try InstanceMatcher(grid: grid, settings: .init(tableBytes: 1 << 10))
    var codes: [VoxtileError.Code?] = []
    for index in [0, 1, 1] {
      do throws(VoxtileError) {
        try matcher.add(patch, at: grid[index])
        codes.append(nil)
      } catch {
        codes.append(error.code)
      }
    }
    do throws(VoxtileError) {
      _ = try matcher.finish()
      codes.append(nil)
    } catch {
      codes.append(error.code)
    }
    #expect(codes == [nil, .memoryTooLow, .mergerFinished, .mergerFinished])
  }
}
