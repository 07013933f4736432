import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Memory plans") struct MemoryPlanTests {
  private let settings = GridSettings(
    patch: Extent(width: 6, height: 5, depth: 4), overlap: PerAxis(.fraction(0.5)),
    edge: PerAxis(x: .shift, y: .pad(.both), z: .pad(.end)), padding: .wrap)

  @Test(
    "every way to keep within a limit writes the same patches and the same image",
    arguments: ["nii", "nii.gz"])
  func sameResult(format: String) throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Extent(width: 13, height: 11, depth: 17), channels: 2, .int16)
      try image.write(to: "\(folder)/scan.\(format)")
      var expected: [[UInt8]]?
      var methods: Set<CropStep> = []
      try forEachLimit { limit in
        try PatchStore.crop(
          "\(folder)/scan.\(format)", into: "\(folder)/patches", settings: settings,
          options: .init(isReplacing: true, limits: JobLimits(jobs: Jobs(2), memory: limit)))
        let bytes = try fileNames(in: "\(folder)/patches").map { try fileBytes("\(folder)/patches/\($0)") }
        #expect(bytes == expected ?? bytes)
        expected = bytes
        let plan = try MemoryPlan.crop(
          PatchGrid(over: image.info.extent, settings: settings), of: image.info,
          isRandomAccess: format == "nii", limits: JobLimits(jobs: Jobs(2), memory: limit))
        methods.insert(plan.step)
        return plan
      }
      #expect(methods == Set(CropStep.allCases))

      let store = try PatchStore(contentsOf: "\(folder)/patches")
      for (name, blend) in [("average", Blend.average), ("vote", .vote), ("hann", .hann)] {
        var merged: [UInt8]?
        var counts: Set<MergeStep> = []
        try forEachLimit { limit in
          let report = try store.merge(
            to: "\(folder)/merged.nii",
            options: .init(
              blend: blend, write: WriteOptions(isReplacing: true),
              limits: JobLimits(jobs: Jobs(2), memory: limit)))
          let bytes = try fileBytes("\(folder)/merged.nii")
          #expect(bytes == merged ?? bytes, "\(name) \(report.plan.step)")
          merged = bytes
          counts.insert(report.plan.step)
          return report.plan
        }
        #expect(counts.contains(.patches) && counts.contains(.slices(1)) && counts.count > 2)
      }
    }
  }

  @Test("a real value has its scaling applied however little memory there is")
  func scaledSlices() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(
        Extent(9), .uint8, scaling: VolumeInfo.Scaling(slope: 0.5, intercept: -3), content: .regions)
      try image.write(to: "\(folder)/scan.nii")
      let store = try PatchStore.crop(
        "\(folder)/scan.nii", into: "\(folder)/patches",
        settings: GridSettings(patch: Extent(4), overlap: .voxels(1)))
      var merged: [UInt8]?
      try forEachLimit { limit in
        let report = try store.merge(
          to: "\(folder)/real.nii",
          options: .init(
            blend: .average, scalarType: .float32, write: WriteOptions(isReplacing: true),
            limits: JobLimits(jobs: .one, memory: limit)))
        let bytes = try fileBytes("\(folder)/real.nii")
        #expect(bytes == merged ?? bytes)
        merged = bytes
        return report.plan
      }
      let real = try Volume<Float>(contentsOf: "\(folder)/real.nii")
      #expect(try real == Volume<Float>(contentsOf: "\(folder)/scan.nii"))
    }
  }

  @Test("a limit that is too low says how much is needed, and that is enough")
  func tooLow() throws {
    let grid = try PatchGrid(over: Extent(512), patch: Extent(96), overlap: .voxels(32))
    let info = VolumeInfo(extent: Extent(512), scalarType: .float32)
    let error = #expect(throws: VoxtileError.self) {
      try MemoryPlan.crop(
        grid, of: info, isRandomAccess: true, limits: JobLimits(jobs: Jobs(2), memory: 1 << 20))
    }
    #expect(error?.code == .memoryTooLow)
    let mebibytes = try #require(
      (error?.context.expected?.split(separator: " ").compactMap { Int($0) })?.first)
    _ = try MemoryPlan.crop(
      grid, of: info, isRandomAccess: true, limits: JobLimits(jobs: Jobs(2), memory: mebibytes << 20))
    #expect(throws: VoxtileError.self) {
      try MemoryPlan.merge(
        grid, patchValueBytes: 4, outputValueBytes: 4, isRandomAccess: true,
        limits: JobLimits(jobs: Jobs(2), memory: 1 << 20))
    }
  }

  @Test("a plan never needs more than its limit, and no more than without one")
  func withinLimit() throws {
    let grid = try PatchGrid(
      over: Extent(width: 300, height: 200, depth: 400), patch: Extent(64), overlap: .voxels(16))
    let info = VolumeInfo(extent: grid.extent, channels: 3, scalarType: .int16)
    for mebibytes in stride(from: 64, to: 2048, by: 61) {
      let limit = mebibytes << 20
      let crop = try MemoryPlan.crop(
        grid, of: info, isRandomAccess: false, limits: JobLimits(jobs: Jobs(4), memory: limit))
      #expect(crop.peakBytes <= limit)
      let merge = try MemoryPlan.merge(
        grid, patchValueBytes: 6, outputValueBytes: 6, isRandomAccess: false,
        limits: JobLimits(jobs: Jobs(2), memory: limit))
      #expect(merge.peakBytes <= limit)
    }
  }

  @Test("sizes that no memory holds are planned, not overflowed")
  func hugePatches() throws {
    for padding in [Padding.edge, .reflect, .wrap, .symmetric, .constant(0)] {
      let settings = GridSettings(
        patch: Extent(width: Int(Int32.max), height: Int(Int32.max), depth: 1), overlap: .voxels(0),
        edge: .pad(.end), padding: padding)
      let grid = try PatchGrid(over: Extent(width: 5, height: 4), settings: settings)
      let info = VolumeInfo(extent: grid.extent, channels: 9, scalarType: .float64)
      let crop = try MemoryPlan.crop(
        grid, of: info, isRandomAccess: true, limits: JobLimits(jobs: Jobs(2), memory: nil))
      #expect(crop.peakBytes == .max)
      #expect(throws: VoxtileError.self) {
        try MemoryPlan.merge(
          grid, patchValueBytes: 72, outputValueBytes: 72, isRandomAccess: false,
          limits: JobLimits(jobs: .one, memory: 1 << 34))
      }
    }
  }

  /// Calls a body with no limit and then always with a little less than was needed before, until it does not
  /// fit any more.
  private func forEachLimit<Step>(_ body: (Int?) throws -> MemoryPlan<Step>) throws {
    var limit: Int?
    while true {
      do {
        limit = try body(limit).peakBytes - 1
      } catch let error as VoxtileError where error.code == .memoryTooLow && limit != nil {
        return
      }
    }
  }
}
