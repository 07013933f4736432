import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Image resampling")
struct ImageResamplingTests {
  private static let extent = Extent(width: 20, height: 18, depth: 30)
  private static let affine = Affine(rows: [[-0.8, 0, 0, 10], [0, 0, 1.5, -20], [0, -0.8, 0, 30]])

  /// Resamples an image to a file and opens both.
  private func resample(
    _ image: TestImage, _ input: String = "in.nii.gz", to target: ResamplingTarget,
    output: String = "out.nii",
    changing change: (inout ImageResampling) -> Void = { _ in },
    _ body: (_ reader: any VolumeReader, _ result: any VolumeReader, ImageResampling.Report) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try image.write(to: "\(folder)/\(input)")
      var resampling = ImageResampling(to: target)
      change(&resampling)
      let reader = try ImageFormats.open("\(folder)/\(input)")
      let report = try resampling.resample(reader, to: "\(folder)/\(output)")
      try body(reader, ImageFormats.open("\(folder)/\(output)"), report)
    }
  }

  @Test("the file holds the resampled values, in the image's type, where they really lie")
  func values() throws {
    let image = TestImage(Self.extent, channels: 2, .int16, affine: Self.affine)
    for jobs in [1, 3] {
      try resample(image, to: .spacing(PerAxis(1.3))) {
        $0.isOfLabels = false
        $0.limits = JobLimits(jobs: Jobs(jobs))
      } _: { reader, result, report in
        let expected = try reader.read(as: Int16.self).resampled(report.resampling, as: Int16.self)
        #expect(try result.read(as: Int16.self).voxels == expected.voxels)
        #expect(result.info.extent == Extent(width: 12, height: 11, depth: 35))
        let affine = result.info.metadata.affine
        #expect(affine.largestDistance(to: expected.metadata.affine, over: result.info.extent) < 1e-4)
        // The outer faces stay.
        let (old, new) = (reader.info.metadata.affine, affine)
        let corner = old.world(x: -0.5, y: -0.5, z: -0.5).all
        #expect(zip(corner, new.world(x: -0.5, y: -0.5, z: -0.5).all).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }
  }

  @Test("a result goes back to the grid of its image, and lies there")
  func back() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Self.extent, .uint8, affine: Self.affine, content: .regions)
      try image.write(to: "\(folder)/a.nii")
      let scan = try ImageFormats.open("\(folder)/a.nii")
      for convention in ResamplingConvention.allCases {
        var there = ImageResampling(to: .spacing(PerAxis(1.1)))
        (there.convention, there.write.isReplacing) = (convention, true)
        let report = try there.resample(scan, to: "\(folder)/b.nii.gz")
        #expect(report.isGuessed && report.resampling.isOfLabels)
        var back = ImageResampling(to: .grid(scan.info))
        (back.convention, back.write.isReplacing, back.interpolation) = (convention, true, .nearest)
        _ = try back.resample(ImageFormats.open("\(folder)/b.nii.gz"), to: "\(folder)/c.nii.gz")
        let result = try ImageFormats.open("\(folder)/c.nii.gz")
        try result.info.checkOnGrid(of: scan.info, named: "the result")
        let (own, other) = (try scan.read(as: UInt8.self).voxels, try result.read(as: UInt8.self).voxels)
        let same = zip(own, other).count { $0 == $1 }
        #expect(Double(same) / Double(own.count) > 0.7, "\(convention): \(same) of \(own.count)")
        #expect(Set(other).isSubset(of: Set(own)))
      }
    }
  }

  @Test("voxels outside of the image get the fill value, and turned images are refused")
  func grid() throws {
    let image = TestImage(Extent(4), .float32, affine: Affine(spacing: PerAxis(2)))
    let moved = Affine(rows: [[1, 0, 0, -3.5], [0, 1, 0, 0.5], [0, 0, 1, 0.5]])
    let grid = VolumeInfo(
      extent: Extent(width: 8, height: 4, depth: 4), scalarType: .uint8,
      metadata: VolumeMetadata(affine: moved))
    try resample(image, to: .grid(grid)) {
      $0.fill = -7
      $0.interpolation = .nearest
    } _: { reader, result, _ in
      let values = try result.read(as: Float.self)
      let own = try reader.read(as: Float.self)
      for x in 0..<8 {
        let expected = x < 3 ? -7 : own[x: (x - 3) / 2, y: 0, z: 0]
        #expect(values[x: x, y: 0, z: 0] == expected)
      }
      #expect(result.info.metadata.affine == moved)
    }
    for turned in [Self.affine, Affine(rows: [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])] {
      let other = VolumeInfo(
        extent: Extent(8), scalarType: .uint8, metadata: VolumeMetadata(affine: turned))
      let error = #expect(throws: VoxtileError.self) { try resample(image, to: .grid(other)) { _, _, _ in } }
      #expect(error?.code == .shapeMismatch)
    }
  }

  @Test("lengths near a half are those of a header in single precision, for systems that read it")
  func single() throws {
    // 0.9 is a little less as a Float: 15 x 0.9 / 1.0 is 13.5 or just below, and half to even would be 14.
    let image = TestImage(
      Extent(width: 15, height: 5, depth: 4), .uint8, affine: Affine(spacing: PerAxis(0.9)))
    try resample(image, to: .spacing(PerAxis(1))) { _, result, _ in
      #expect(result.info.extent.width == 13)
    }
    try resample(image, "in.mha", to: .spacing(PerAxis(1)), output: "out.mha") { _, result, _ in
      #expect(result.info.extent.width == 14)
    }
  }

  @Test("real values of another type are rounded once, and a scaling stays")
  func types() throws {
    let scaling = VolumeInfo.Scaling(slope: 0.5, intercept: -3)
    let image = TestImage(Self.extent, .uint8, scaling: scaling, affine: Self.affine)
    try resample(image, to: .spacing(PerAxis(1))) {
      $0.isOfLabels = false
    } _: { _, result, _ in
      #expect(result.info.scalarType == .uint8 && result.info.scaling == scaling)
    }
    try resample(image, to: .spacing(PerAxis(1))) {
      ($0.isOfLabels, $0.scalarType) = (false, .float32)
    } _: { reader, result, report in
      let stored = try reader.read(as: UInt8.self).resampled(report.resampling, as: Float.self)
      #expect(result.info.scalarType == .float32 && result.info.scaling == nil)
      #expect(try result.read(as: Float.self).voxels == stored.voxels.map { Float(Double($0) * 0.5 - 3) })
    }
  }

  @Test("images without a size of voxels have numbers of them only, and 2D images stay 2D")
  func planar() throws {
    let picture = TestImage(Extent(width: 20, height: 10), channels: 3, .uint8)
    #expect(throws: VoxtileError.self) {
      try resample(picture, "a.png", to: .spacing(PerAxis(1)), output: "b.png") { _, _, _ in }
    }
    try resample(picture, "a.png", to: .size(Extent(width: 7, height: 5)), output: "b.png") { _, result, _ in
      #expect(result.info.extent == Extent(width: 7, height: 5) && result.info.channels == 3)
    }
  }

  @Test("too little memory is refused with what would do, which then does")
  func memory() throws {
    let image = TestImage(
      Extent(width: 400, height: 400, depth: 3), .float32, affine: Affine(spacing: PerAxis(1)))
    func run(_ memory: Int) throws {
      try resample(image, to: .spacing(PerAxis(0.9))) {
        $0.limits = JobLimits(jobs: Jobs(1), memory: memory)
      } _: { _, _, _ in
      }
    }
    let error = try #require(throws: VoxtileError.self) { try run(41 << 20) }
    #expect(error.code == .memoryTooLow)
    try run(try #require(error.context.neededBytes))
  }
}
