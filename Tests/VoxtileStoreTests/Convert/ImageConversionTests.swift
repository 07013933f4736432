import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Image conversion")
struct ImageConversionTests {
  private static let extent = Extent(width: 7, height: 5, depth: 4)

  /// Writes an image and converts it.
  private func convert(
    _ image: TestImage, _ input: String = "in.nii.gz", to output: String = "out.nii",
    changing change: (inout ImageConversion) -> Void,
    _ body: (_ reader: any VolumeReader, _ result: any VolumeReader, ImageConversion.Report) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try image.write(to: "\(folder)/\(input)")
      var conversion = ImageConversion()
      change(&conversion)
      let report = try conversion.convert("\(folder)/\(input)", to: "\(folder)/\(output)")
      try body(
        ImageFormats.open("\(folder)/\(input)"), ImageFormats.open("\(folder)/\(output)"), report)
    }
  }

  @Test("without a change, every value, the scaling and the place stay", arguments: ScalarType.allCases)
  func same(type: ScalarType) throws {
    let scaling = VolumeInfo.Scaling(slope: 0.5, intercept: -3)
    try convert(TestImage(Self.extent, channels: 2, type, scaling: scaling), changing: { _ in }) {
      reader, result, report in
      func equal<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
        #expect(try reader.read(as: type).voxels == result.read(as: type).voxels)
      }
      try equal(type.type)
      #expect(result.info.scaling == scaling && !report.wroteRealValues)
      #expect(
        reader.info.metadata.affine.largestDistance(to: result.info.metadata.affine, over: Self.extent) < 1e-4
      )
    }
  }

  @Test("one channel is that channel")
  func channel() throws {
    try convert(TestImage(Self.extent, channels: 3, .int16), changing: { $0.channel = 1 }) {
      reader, result, _ in
      let count = Self.extent.voxelCount
      #expect(result.info.channels == 1)
      let channels = try reader.read(as: Int16.self).voxels
      #expect(try result.read(as: Int16.self).voxels == Array(channels[count..<2 * count]))
    }
  }

  @Test("a channel that is not there is an error with both numbers")
  func noChannel() throws {
    try withTemporaryFolder { folder in
      try TestImage(Self.extent, channels: 2, .uint8).write(to: "\(folder)/a.nii")
      var conversion = ImageConversion()
      conversion.channel = 2
      let error = #expect(throws: VoxtileError.self) {
        try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.nii")
      }
      #expect(error?.message == "has 2 channels, so there is no channel 3")
      #expect(try fileNames(in: folder) == ["a.nii"])
    }
  }

  @Test("colors become gray by the weights of the eye, with alpha and without", arguments: [3, 4])
  func gray(channels: Int) throws {
    let flat = Extent(width: 9, height: 8)
    try convert(
      TestImage(flat, channels: channels, .uint8), "in.png", to: "out.png", changing: { $0.isGray = true }
    ) { reader, result, _ in
      let colors = try reader.read(as: UInt8.self).voxels.map(Double.init)
      let count = flat.voxelCount
      let gray = (0..<count).map { index in
        UInt8(
          (0.299 * colors[index] + 0.587 * colors[count + index] + 0.114 * colors[2 * count + index])
            .rounded())
      }
      #expect(try result.read(as: UInt8.self).voxels == gray)
    }
  }

  @Test("an index into a palette becomes the gray of its color")
  func palette() throws {
    try withTemporaryFolder { folder in
      let flat = Extent(width: 3, height: 1)
      var info = VolumeInfo(extent: flat, scalarType: .uint8)
      info.palette = [
        .init(red: 255, green: 0, blue: 0), .init(red: 0, green: 255, blue: 0),
        .init(red: 10, green: 10, blue: 10),
      ]
      let writer = try ImageFormats.create("\(folder)/a.png", info: info)
      try writer.write(Volume<UInt8>(extent: flat, voxels: [1, 0, 2]), slices: 0..<1)
      try writer.finish()
      var conversion = ImageConversion()
      conversion.isGray = true
      _ = try conversion.convert("\(folder)/a.png", to: "\(folder)/b.png")
      let result = try ImageFormats.open("\(folder)/b.png")
      #expect(try result.read(as: UInt8.self).voxels == [150, 76, 10] && result.info.palette == nil)
      conversion.isGray = false
      conversion.values = ValueMap(scalarType: .uint8, steps: [[.scale(slope: 2, intercept: 0)]])
      let error = #expect(throws: VoxtileError.self) {
        try conversion.convert("\(folder)/a.png", to: "\(folder)/c.png")
      }
      #expect(error?.message.contains("palette") == true)
    }
  }

  @Test(
    "each way to turn axes puts every voxel where it lay in the world, whatever memory there is",
    arguments: [nil, 70 << 20] as [Int?])
  func turning(memory: Int?) throws {
    let orders: [[Axis]] = [
      [.x, .y, .z], [.x, .z, .y], [.y, .x, .z], [.y, .z, .x], [.z, .x, .y], [.z, .y, .x],
    ]
    for order in orders {
      for flips in 0..<8 {
        let axes = try #require(
          FileAxes(
            PerAxis(
              x: .init(order[0], isReversed: flips & 1 != 0), y: .init(order[1], isReversed: flips & 2 != 0),
              z: .init(order[2], isReversed: flips & 4 != 0))))
        try convert(
          TestImage(Self.extent, channels: 2, .float32),
          changing: {
            $0.axes = axes
            $0.limits.memory = memory
          }
        ) { reader, result, _ in
          let (image, turned) = (try reader.read(as: Float.self), try result.read(as: Float.self))
          for position in turned.extent.positions {
            // The voxel of the image, from the directions.
            var source = Position.zero
            for axis in Axis.allCases {
              let direction = axes.directions[axis]
              source[direction.axis] =
                direction.isReversed ? Self.extent[direction.axis] - 1 - position[axis] : position[axis]
            }
            for channel in 0..<2 {
              #expect(
                turned[x: position.x, y: position.y, z: position.z, channel: channel]
                  == image[x: source.x, y: source.y, z: source.z, channel: channel])
            }
            let places = zip(
              result.info.metadata.affine.world(
                x: Double(position.x), y: Double(position.y), z: Double(position.z)
              ).all,
              reader.info.metadata.affine.world(x: Double(source.x), y: Double(source.y), z: Double(source.z))
                .all)
            #expect(places.allSatisfy { abs($0 - $1) < 1e-4 })
          }
        }
      }
    }
  }

  @Test("values are mapped, rounded and saturated, and what was lost is counted")
  func values() throws {
    try withTemporaryFolder { folder in
      let voxels: [Float] = [-1, 0, 0.4, 0.6, 2.5, 300, .nan, 255]
      try Volume<Float>(extent: Extent(width: 8, height: 1), voxels: voxels).write(to: "\(folder)/a.nii")
      var conversion = ImageConversion()
      conversion.values = ValueMap(scalarType: .uint8)
      let report = try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.nii")
      #expect(
        try ImageFormats.open("\(folder)/b.nii").read(as: UInt8.self).voxels == [0, 0, 0, 1, 2, 255, 0, 255])
      #expect(report.findings.saturatedValues == 2 && report.findings.nanValues == 1)
    }
  }

  @Test("whole numbers of 64 bits stay exact, and what float32 cannot hold is counted")
  func exact() throws {
    try withTemporaryFolder { folder in
      let large: [Int64] = [(1 << 53) + 1, .max, .min, 7]
      try Volume<Int64>(extent: Extent(width: 4, height: 1), voxels: large).write(to: "\(folder)/a.nii")
      var conversion = ImageConversion()
      conversion.values = ValueMap(scalarType: .int64)
      _ = try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.nii")
      #expect(try ImageFormats.open("\(folder)/b.nii").read(as: Int64.self).voxels == large)
      let wide: [Double] = [1e300, -1e39, 1, .infinity, .nan]
      try Volume<Double>(extent: Extent(width: 5, height: 1), voxels: wide).write(to: "\(folder)/c.nii")
      conversion.values = ValueMap(scalarType: .float32)
      let report = try conversion.convert("\(folder)/c.nii", to: "\(folder)/d.nii")
      #expect(report.findings.saturatedValues == 2 && report.findings.nanValues == 0)
    }
  }

  @Test("voxels of 0 stay 0 where the map says so")
  func zeros() throws {
    try withTemporaryFolder { folder in
      try Volume<Int16>(extent: Extent(width: 3, height: 1), voxels: [0, 4, -4]).write(to: "\(folder)/a.nii")
      var conversion = ImageConversion()
      var map = ValueMap(scalarType: .float32, steps: [[.scale(slope: 0.5, intercept: 10)]])
      map.keepsZero = true
      conversion.values = map
      _ = try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.nii")
      #expect(try ImageFormats.open("\(folder)/b.nii").read(as: Float.self).voxels == [0, 12, 8])
      // A manifest cannot say so.
      #expect(throws: VoxtileError.self) {
        try PatchStore.crop(
          "\(folder)/a.nii", into: "\(folder)/p", settings: .with(Extent(width: 2, height: 1, depth: 1), 0),
          options: .init(values: map))
      }
    }
  }

  @Test("a label that does not fit is an error, and nothing is written")
  func labels() throws {
    try withTemporaryFolder { folder in
      var info = VolumeInfo(extent: Extent(width: 2, height: 1), scalarType: .uint16, isLabelMap: true)
      info.isLabelMap = true
      let writer = try ImageFormats.create("\(folder)/a.nii", info: info)
      try writer.write(Volume<UInt16>(extent: info.extent, voxels: [1, 300]), slices: 0..<1)
      try writer.finish()
      var conversion = ImageConversion()
      conversion.values = ValueMap(scalarType: .uint8)
      let error = #expect(throws: VoxtileError.self) {
        try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.nii")
      }
      #expect(error?.message == "has 1 voxel with a label that uint8 does not hold")
      #expect(try fileNames(in: folder) == ["a.nii"])
    }
  }

  @Test("a format without a scaling gets real values")
  func realValues() throws {
    let image = TestImage(
      Extent(width: 4, height: 3), .uint8, scaling: .init(slope: 2, intercept: 1),
      affine: Affine(spacing: PerAxis(1)))
    try withTemporaryFolder { folder in
      try image.write(to: "\(folder)/a.nii")
      // float32, which a PNG cannot hold either.
      let error = #expect(throws: VoxtileError.self) {
        try ImageConversion().convert("\(folder)/a.nii", to: "\(folder)/b.png")
      }
      #expect(error?.message.contains("float32") == true, "\(String(describing: error))")
      var conversion = ImageConversion()
      conversion.values = ValueMap(scalarType: .uint16)
      _ = try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.png")
      let stored = try ImageFormats.open("\(folder)/a.nii").read(as: UInt8.self).voxels
      #expect(
        try ImageFormats.open("\(folder)/b.png").read(as: UInt16.self).voxels
          == stored.map { UInt16($0) * 2 + 1 })
    }
  }

  @Test("where not even one slice fits the memory, the error says how much is needed")
  func tooLittleMemory() throws {
    try withTemporaryFolder { folder in
      try TestImage(Self.extent, .uint8).write(to: "\(folder)/a.nii")
      var conversion = ImageConversion()
      conversion.limits.memory = 1 << 20
      let error = #expect(throws: VoxtileError.self) {
        try conversion.convert("\(folder)/a.nii", to: "\(folder)/b.nii")
      }
      #expect(error?.code == .memoryTooLow && error?.context.neededBytes ?? 0 > 1 << 20)
      #expect(try fileNames(in: folder) == ["a.nii"])
    }
  }

  @Test("patches of mapped values are verified against the scan and merge to its mapped values")
  func croppedValues() throws {
    try withTemporaryFolder { folder in
      try TestImage(Self.extent, .int16, scaling: .init(slope: 0.5, intercept: 7)).write(
        to: "\(folder)/a.nii.gz")
      let map = ValueMap(
        scalarType: .float32, steps: [[.clip(low: -1000, high: 1000), .scale(slope: 1 / 1000, intercept: 0)]])
      let store = try PatchStore.crop(
        "\(folder)/a.nii.gz", into: "\(folder)/p", settings: .with(Extent(width: 4, height: 4, depth: 3), 1),
        options: .init(values: map))
      #expect(try store.verify(against: "\(folder)/a.nii.gz").findings.isEmpty)
      try store.merge(to: "\(folder)/m.nii", options: .init(blend: .average))
      var conversion = ImageConversion()
      conversion.values = map
      _ = try conversion.convert("\(folder)/a.nii.gz", to: "\(folder)/c.nii")
      #expect(
        try ImageFormats.open("\(folder)/m.nii").read(as: Float.self).voxels
          == ImageFormats.open("\(folder)/c.nii").read(as: Float.self).voxels)
    }
  }
}
